import { audit } from '../../../platform/audit.ts'
import type { DomainClock } from '../../../platform/clock.ts'
import { PLATFORM } from '../../../platform/database/common.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { Ids } from '../../../platform/ids.ts'
import { DEFAULT_FUNGIBILITY, insertQueue, type QueueRow, queueNameTaken } from '../store/queues.ts'
import { lockQueueTree } from '../store/quotaTree.ts'
import { publishQueueFact, tellQueue } from './tellQueue.ts'

/** Where jobs go while nobody has made queues: shared, and bounded by the clusters alone. */
const DEFAULT_QUEUE = 'default'
const PRINCIPAL = 'sluice'

/** Makes the shared queue `default` where it is not there yet. */
export async function ensureDefaultQueue({
  database,
  ids,
  clock,
}: {
  database: Database
  ids: Ids
  clock: Pick<DomainClock, 'nowMs'>
}): Promise<void> {
  await database.write({ role: 'operator' }, async (tx) => {
    await lockQueueTree(tx)
    if (await queueNameTaken(tx, null, DEFAULT_QUEUE)) return
    const now = new Date(clock.nowMs())
    const queue: QueueRow = {
      id: ids.next('queue'),
      tenantId: null,
      name: DEFAULT_QUEUE,
      objectName: DEFAULT_QUEUE,
      parentId: null,
      generation: 1,
      quotas: [],
      weight: '1',
      queueingStrategy: 'BEST_EFFORT_FIFO',
      stopPolicy: 'NONE',
      minRuntimeSeconds: 0,
      flavorFungibility: DEFAULT_FUNGIBILITY,
      usageHalfLifeSeconds: null,
      maxGpus: null,
    }
    await insertQueue(tx, queue, now)
    await publishQueueFact(tx, queue)
    await tellQueue(tx, queue, { type: 'CREATED', at: now, parentObjectName: null })
    await audit(tx, {
      tenantId: PLATFORM,
      at: now,
      principal: PRINCIPAL,
      action: 'createQueue',
      objectId: queue.id,
      decision: 'allowed',
      requestId: 'start',
      input: { name: DEFAULT_QUEUE },
    })
  })
}
