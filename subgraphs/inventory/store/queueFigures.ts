import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { QueueFiguresObservation } from '../../../platform/link/protocol.ts'
import type { CellUsage, QueueUsage } from '../domain/queueUsage.ts'

/**
 * What the queues have in one cluster; Queue objects that are not ours are passed over. Names must differ.
 * @returns ids of those whose figures are others than before
 */
export async function recordFigures(
  tx: Tx,
  { clusterId }: BatchOrigin,
  at: string,
  figures: readonly QueueFiguresObservation[],
): Promise<string[]> {
  const told = figures.map(({ name, weightedShare, cells }) => ({ object_name: name, share: weightedShare, cells }))
  const rows = await tx.execute<{ queue_id: string; changed: boolean }>(sql`
    insert into queue_figures (queue_id, cluster_id, tenant_id, at, weighted_share, cells)
    select queues.id, ${clusterId}, queues.tenant_id, ${at}::timestamptz, row.share, row.cells
      from jsonb_to_recordset(${JSON.stringify(told)}::jsonb)
        as row(object_name text, share double precision, cells jsonb)
      join queues using (object_name)
     order by queues.id
    on conflict (queue_id, cluster_id) do update
      set at = excluded.at, weighted_share = excluded.weighted_share, cells = excluded.cells
    returning new.queue_id,
              (new.weighted_share, new.cells) is distinct from (old.weighted_share, old.cells) as changed`)
  return rows.filter(({ changed }) => changed).map((row) => row.queue_id)
}

/** They still hold. */
export async function confirmFigures(tx: Tx, { clusterId }: BatchOrigin, at: string): Promise<void> {
  await tx.execute(sql`update queue_figures set at = greatest(at, ${at}::timestamptz) where cluster_id = ${clusterId}`)
}

/** Of those that the actor may see, as each cluster has told it. */
export async function figuresOfQueues(tx: Tx, queueIds: readonly string[]): Promise<Map<string, QueueUsage[]>> {
  const rows = await tx.execute<{ queue_id: string; at: string; weighted_share: number; cells: CellUsage[] }>(sql`
    select queue_id, to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, weighted_share, cells
      from queue_figures where queue_id = any(${textArray(queueIds)}) order by queue_id, cluster_id`)
  const byQueue = Map.groupBy(rows, ({ queue_id }) => queue_id)
  return new Map(
    Array.from(byQueue, ([id, told]) => [
      id,
      told.map(({ at, weighted_share, cells }) => ({ at, weightedShare: weighted_share, cells })),
    ]),
  )
}
