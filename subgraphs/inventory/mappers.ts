import type { Lagged, StoredEvent } from '../../platform/events/hub.ts'
import type { CellUsage } from './domain/queueUsage.ts'
import type { ClusterRow } from './store/clusters.ts'
import type { GpuRow } from './store/gpus.ts'
import type { JoinTokenRow } from './store/joinTokens.ts'
import type { NodePoolRow } from './store/nodePools.ts'
import type { QueueSample } from './store/queueSamples.ts'
import type { QueueRow } from './store/queues.ts'

export type ClusterMapper = ClusterRow
export type JoinTokenMapper = JoinTokenRow
export type NodePoolMapper = NodePoolRow
export type GpuMapper = GpuRow
export type QueueMapper = QueueRow
export type QueueEventMapper = StoredEvent | Lagged
export type QueueUsageMapper = CellUsage
export type QueueSampleMapper = QueueSample
