import type { Tx } from '../../../platform/database/database.ts'
import type { Identity } from '../../../platform/identity/identity.ts'
import { flavorNames } from '../store/nodePools.ts'
import { type QueueRow, queuesByIds } from '../store/queues.ts'
import { quotaTree } from '../store/quotaTree.ts'
import type { QueueFacts, QueueRequest } from './decideQueue.ts'
import { QuotaTree } from './quotaTree.ts'

/**
 * Loads what decideQueue needs. The caller holds the lock of the tree.
 * @param present the queue as it is, where it is one that changes
 */
export async function loadQueueFacts(
  tx: Tx,
  identity: Identity,
  request: QueueRequest,
  present?: QueueRow,
): Promise<QueueFacts> {
  const [tree, flavors] = [await quotaTree(tx), await flavorNames(tx)]
  const above = request.parentId === null ? [] : new QuotaTree(tree).chain(request.parentId)
  // Every ancestor is shared or the caller's own, so row-level security leaves none of them out.
  const rows = new Map(
    (
      await queuesByIds(
        tx,
        above.map(({ id }) => id),
      )
    ).map((queue) => [queue.id, queue]),
  )
  const parent = request.parentId === null ? null : (rows.get(request.parentId) ?? null)
  return {
    parent,
    mayBeRoot: identity.kind === 'operator',
    tree,
    flavors: new Set([...flavors, ...(present?.quotas ?? []).map(({ flavor }) => flavor)]),
    nameOf: (id) => rows.get(id)?.name ?? id,
  }
}
