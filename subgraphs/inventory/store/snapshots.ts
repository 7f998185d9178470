import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { SnapshotObservation } from '../../../platform/link/protocol.ts'

/** Whose text it is: the same key, the same snapshot. */
export interface SnapshotKey {
  clusterId: string
  epoch: number
  version: number
}
export interface StoredSnapshot extends SnapshotKey {
  clusterName: string
  /** Domain time as of which it holds. */
  atMs: number
}

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

/** Of each cluster that has told one, by the order of registration. Not for a client's request: all tenants' jobs are in them. */
export async function newestSnapshots(tx: Tx): Promise<StoredSnapshot[]> {
  const rows = await tx.execute<{
    cluster_id: string
    name: string
    epoch: number
    version: string
    at_ms: string
  }>(sql`
    select cluster_id, name, epoch, version, extract(epoch from at) * 1000 as at_ms
      from snapshots join clusters on clusters.id = cluster_id
     order by cluster_id`)
  return rows.map((row) => ({
    clusterId: row.cluster_id,
    clusterName: row.name,
    epoch: row.epoch,
    version: Number(row.version),
    atMs: Number(row.at_ms),
  }))
}

/** The text as the agent compressed it, of whichever snapshot is the cluster's newest by now. */
export async function snapshotBody(
  tx: Tx,
  clusterId: string,
): Promise<{ key: SnapshotKey; atMs: number; body: Buffer } | null> {
  const [row] = await tx.execute<{ epoch: number; version: string; at_ms: string; body: Buffer }>(sql`
    select epoch, version, extract(epoch from at) * 1000 as at_ms, body from snapshots where cluster_id = ${clusterId}`)
  if (row === undefined) return null
  return { key: { clusterId, epoch: row.epoch, version: Number(row.version) }, atMs: Number(row.at_ms), body: row.body }
}
