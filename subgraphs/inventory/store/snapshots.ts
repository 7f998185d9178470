import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { SnapshotObservation } from '../../../platform/link/protocol.ts'

/** Replaces the cluster's, or takes note that it still holds. */
export async function recordSnapshot(
  tx: Tx,
  { clusterId, epoch }: BatchOrigin,
  { version, at, body }: SnapshotObservation,
): Promise<void> {
  if (body === null) {
    await tx.execute(sql`
      update snapshots set at = greatest(at, ${at}::timestamptz)
       where cluster_id = ${clusterId} and epoch = ${epoch} and version = ${version}`)
    return
  }
  await tx.execute(sql`
    insert into snapshots (cluster_id, epoch, version, at, body)
    values (${clusterId}, ${epoch}, ${version}, ${at}, decode(${body}, 'base64'))
    on conflict (cluster_id) do update
      set epoch = excluded.epoch, version = excluded.version, at = excluded.at, body = excluded.body`)
}

/** Those that have told one, in the order of registration. */
export async function newestSnapshots(tx: Tx): Promise<{ id: string; name: string }[]> {
  const rows = await tx.execute<{ cluster_id: string; name: string }>(sql`
    select cluster_id, name from snapshots join clusters on clusters.id = cluster_id order by cluster_id`)
  return rows.map(({ cluster_id, name }) => ({ id: cluster_id, name }))
}

/**
 * A cluster's newest. Not for a client's request: all tenants' jobs are in it.
 * @param held name of the one whose text is not needed again
 */
export async function snapshotBody(
  tx: Tx,
  clusterId: string,
  held: string | null,
): Promise<{ snapshot: string; atMs: number; body: Buffer | null } | null> {
  const name = sql`epoch || '/' || version`
  const [row] = await tx.execute<{ snapshot: string; at_ms: string; body: Buffer | null }>(sql`
    select ${name} as snapshot, extract(epoch from at) * 1000 as at_ms,
           case when ${name} is distinct from ${held} then body end as body
      from snapshots where cluster_id = ${clusterId}`)
  return row === undefined ? null : { snapshot: row.snapshot, atMs: Number(row.at_ms), body: row.body }
}
