import { audit } from '../../../platform/audit.ts'
import { PLATFORM } from '../../../platform/database/common.ts'
import type { Tx } from '../../../platform/database/database.ts'
import { appendEvents, type NewEvent } from '../../../platform/events/events.ts'
import { publishFact } from '../../../platform/facts/facts.ts'
import { putDirective } from '../../../platform/link/directives.ts'
import type { QueueDirective } from '../../../platform/link/protocol.ts'
import type { Context } from '../context.ts'
import type { QueueEventType } from '../generated/resolvers.ts'
import { clusterIds } from '../store/clusters.ts'
import { NO_NUMBERS, type QueueNumbers, queueNumbers } from '../store/queueNumbers.ts'
import type { QueueRow } from '../store/queues.ts'

/** A queue as it is after a change, for every cluster and for subscribers. */
export async function tellQueue(
  tx: Tx,
  queue: QueueRow,
  { type, at, parentObjectName }: { type: 'CREATED' | 'UPDATED'; at: Date; parentObjectName: string | null },
): Promise<void> {
  const numbers = (await queueNumbers(tx, [queue.id])).get(queue.id) ?? NO_NUMBERS
  await appendEvents(tx, [queueEvent(queue, type, at, numbers)])
  for (const clusterId of await clusterIds(tx)) {
    await putDirective(tx, clusterId, {
      kind: 'Queue',
      key: queue.objectName,
      tenantId: queue.tenantId,
      body: queueDirective(queue, parentObjectName),
    })
  }
}

export function queueEvent(
  queue: { id: string; tenantId: string | null },
  type: Exclude<QueueEventType, 'LAGGED'>,
  at: Date,
  numbers: QueueNumbers,
): NewEvent {
  return { tenantId: streamOf(queue), type, at, subjectId: queue.id, projectId: null, body: { ...numbers } }
}

/** Shared queues' events are in the platform's stream. */
export function streamOf({ tenantId }: { tenantId: string | null }): string {
  return tenantId ?? PLATFORM
}

/** As the Queue object has them. */
const STRATEGIES = { BEST_EFFORT_FIFO: 'BestEffortFIFO', STRICT_FIFO: 'StrictFIFO' } as const
const FLAVOR_SEARCHES = { MAY_STOP_SEARCH: 'MayStopSearch', TRY_NEXT_FLAVOR: 'TryNextFlavor' } as const
const STOP_POLICIES = { NONE: 'None', HOLD: 'Hold', HOLD_AND_DRAIN: 'HoldAndDrain' } as const

export function queueDirective(queue: QueueRow, parentObjectName: string | null): QueueDirective {
  return {
    name: queue.objectName,
    parent: parentObjectName,
    tenantId: queue.tenantId,
    quotas: queue.quotas.map((quota) => ({ ...quota })),
    weight: queue.weight,
    queueingStrategy: STRATEGIES[queue.queueingStrategy],
    stopPolicy: STOP_POLICIES[queue.stopPolicy],
    minRuntimeSeconds: queue.minRuntimeSeconds,
    flavorFungibility: {
      whenCanBorrow: FLAVOR_SEARCHES[queue.flavorFungibility.whenCanBorrow],
      whenCanPreempt: FLAVOR_SEARCHES[queue.flavorFungibility.whenCanPreempt],
    },
    usageHalfLifeSeconds: queue.usageHalfLifeSeconds,
  }
}

export async function publishQueueFact(tx: Tx, queue: QueueRow): Promise<void> {
  const { id, tenantId, name, objectName, maxGpus } = queue
  await publishFact(tx, 'queue', tenantId, { id, tenantId, name, objectName, closed: false, maxGpus })
}

export async function auditQueue(
  tx: Tx,
  context: Context,
  entry: { queue: QueueRow; action: string; at: Date; input: unknown },
): Promise<void> {
  await audit(tx, {
    tenantId: streamOf(entry.queue),
    at: entry.at,
    principal: context.identity.subject,
    action: entry.action,
    objectId: entry.queue.id,
    decision: 'allowed',
    requestId: context.requestId,
    input: entry.input,
  })
}
