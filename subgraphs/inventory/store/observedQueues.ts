import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { QueueObservation } from '../../../platform/link/protocol.ts'

export interface ObservedQueue {
  id: string
  tenantId: string | null
}

/**
 * Brings the queues' numbers in one cluster to what was observed; Queue objects that are not ours
 * are passed over. Names must differ.
 * @returns those whose numbers are others than before
 */
export async function recordQueues(
  tx: Tx,
  { clusterId, epoch }: BatchOrigin,
  queues: readonly QueueObservation[],
): Promise<ObservedQueue[]> {
  const observed = queues.map(({ name, pending, admitted, usedGpus, pendingGpus }) => ({
    object_name: name,
    pending,
    admitted,
    used_gpus: usedGpus,
    pending_gpus: pendingGpus,
  }))
  const rows = await tx.execute<{ queue_id: string; tenant_id: string | null; changed: boolean }>(sql`
    insert into queue_numbers (queue_id, cluster_id, tenant_id, pending, admitted, used_gpus, pending_gpus, seen_epoch)
    select queues.id, ${clusterId}, queues.tenant_id, row.pending, row.admitted, row.used_gpus, row.pending_gpus,
           ${epoch}::integer
      from jsonb_to_recordset(${JSON.stringify(observed)}::jsonb)
        as row(object_name text, pending integer, admitted integer, used_gpus numeric, pending_gpus numeric)
      join queues using (object_name)
    on conflict (queue_id, cluster_id) do update
      set pending = excluded.pending, admitted = excluded.admitted, used_gpus = excluded.used_gpus,
          pending_gpus = excluded.pending_gpus, seen_epoch = excluded.seen_epoch
    returning new.queue_id, new.tenant_id,
              (new.pending, new.admitted, new.used_gpus, new.pending_gpus)
                is distinct from (coalesce(old.pending, 0), coalesce(old.admitted, 0),
                                  coalesce(old.used_gpus, 0), coalesce(old.pending_gpus, 0)) as changed`)
  return rows.filter(({ changed }) => changed).map((row) => ({ id: row.queue_id, tenantId: row.tenant_id }))
}

/**
 * What the epoch's resync left out has no numbers in this cluster.
 * @returns those whose numbers are others than before
 */
export async function forgetUnseenQueues(tx: Tx, { clusterId, epoch }: BatchOrigin): Promise<ObservedQueue[]> {
  const rows = await tx.execute<{ queue_id: string; tenant_id: string | null; changed: boolean }>(sql`
    delete from queue_numbers where cluster_id = ${clusterId} and seen_epoch < ${epoch}
    returning queue_id, tenant_id,
              (pending, admitted, used_gpus, pending_gpus) <> (0, 0, 0::numeric, 0::numeric) as changed`)
  return rows.filter(({ changed }) => changed).map((row) => ({ id: row.queue_id, tenantId: row.tenant_id }))
}
