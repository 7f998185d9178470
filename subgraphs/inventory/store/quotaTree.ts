import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { QuotaNode } from '../domain/quotaTree.ts'

/**
 * Held to the end of a transaction that changes the tree, or adds a cluster: decisions about the
 * tree rest on all of it, and a queue and a cluster that come at the same moment must not miss one another.
 */
export async function lockQueueTree(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('inventory.queues'))`)
}

/** Every queue's place and quotas, other tenants' among them, with neither name nor owner. */
export async function quotaTree(tx: Tx): Promise<QuotaNode[]> {
  const rows = await tx.execute<{ id: string; parent_id: string | null; quotas: QuotaNode['quotas'] }>(sql`
    select id, parent_id, quotas from quota_tree()`)
  return rows.map(({ id, parent_id, quotas }) => ({ id, parentId: parent_id, quotas }))
}
