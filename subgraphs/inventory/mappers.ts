import type { Lagged, StoredEvent } from '../../platform/events/hub.ts'
import type { JobMove, Numbers, QueueProspect } from '../../scheduler/whatif/questions.ts'
import type { Change } from '../../scheduler/whatif/smallestChange.ts'
import type { AskedDefragmentation } from './domain/planDefragmentation.ts'
import type { AskedPreview } from './domain/previewAdmission.ts'
import type { CellUsage } from './domain/queueUsage.ts'
import type { ProspectFigures, ShownProspect, ShownSimulation } from './domain/simulateScheduling.ts'
import type { ClusterRow } from './store/clusters.ts'
import type { GpuRow } from './store/gpus.ts'
import type { JoinTokenRow } from './store/joinTokens.ts'
import type { NodePoolRow } from './store/nodePools.ts'
import type { ClusterPolicyRow, PolicyRow } from './store/policies.ts'
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
/** Cluster and uid of the job, as the jobs subgraph tells it. */
export type PendingReasonMapper = { workload: string }
export type PendingNumbersMapper = Numbers
export type AdmittingChangeMapper = Change
export type AdmissionPreviewMapper = AskedPreview
export type QueueProspectMapper = QueueProspect & { row: QueueRow }
export type ProspectNumbersMapper = ProspectFigures
export type SchedulingProspectMapper = ShownProspect
export type SchedulingSimulationMapper = ShownSimulation
export type SchedulingPolicyMapper = PolicyRow
export type ClusterPolicyMapper = ClusterPolicyRow
export type DefragmentationPlanMapper = AskedDefragmentation
export type DefragmentationMoveMapper = JobMove
