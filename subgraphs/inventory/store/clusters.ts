import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'
import type { Facts } from '../../../platform/facts/kinds.ts'
import type { ClusterHello } from '../../../platform/link/protocol.ts'

export interface ClusterRow {
  id: string
  name: string
  kubernetesVersion: string
  /** RFC 3339. */
  registeredAt: string
}

export type Flavor = Facts['cluster']['flavors'][number]

/**
 * Idempotent by name; a new version of Kubernetes is noted.
 * @param newId taken only where the name is new
 */
export async function upsertCluster(
  tx: Tx,
  { name, kubernetesVersion }: ClusterHello,
  newId: string,
  at: Date,
): Promise<{ id: string; isNew: boolean }> {
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into clusters (id, name, kubernetes_version, registered_at, flavors)
    values (${newId}, ${name}, ${kubernetesVersion}, ${at.toISOString()}, '[]')
    on conflict (name) do update set kubernetes_version = excluded.kubernetes_version
    returning id`)
  if (!row) throw new Error('an upsert returned no row')
  return { id: row.id, isNew: row.id === newId }
}

export async function clusterIds(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`select id from clusters order by id`)
  return rows.map(({ id }) => id)
}

/** In no order. */
export async function clustersByIds(tx: Tx, ids: readonly string[]): Promise<ClusterRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select id, name, kubernetes_version, registered_at from clusters
     where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)
  return rows.map(fromStored)
}

/** One more than `limit` where there are more, in the order of registration. */
export async function listClusters(tx: Tx, page: { limit: number; after: string | null }): Promise<ClusterRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select id, name, kubernetes_version, registered_at from clusters
     where id > ${page.after ?? ''}
     order by id
     limit ${page.limit + 1}`)
  return rows.map(fromStored)
}

/** @returns the cluster's new flavors where they are others than before, and null where nothing changed */
export async function refreshFlavors(tx: Tx, clusterId: string): Promise<{ name: string; flavors: Flavor[] } | null> {
  const [changed] = await tx.execute<{ name: string; flavors: Flavor[] }>(sql`
    update clusters set flavors = present.flavors
      from (select coalesce(jsonb_agg(to_jsonb(pool) order by flavor), '[]') as flavors
              from (select pool as flavor, max(gpu_model) as "gpuModel", count(*) as nodes,
                           max(gpu_count) as "gpusPerNode", max(gpu_memory_mib) as "gpuMemoryMiB",
                           max(cpu_milli) as "cpuMilliPerNode", max(memory_mib) as "memoryMiBPerNode"
                      from nodes where cluster_id = ${clusterId} group by pool) as pool) as present
     where clusters.id = ${clusterId} and clusters.flavors <> present.flavors
    returning clusters.name, clusters.flavors`)
  return changed ?? null
}

interface Stored extends Record<string, unknown> {
  id: string
  name: string
  kubernetes_version: string
  registered_at: string
}

function fromStored(row: Stored): ClusterRow {
  return {
    id: row.id,
    name: row.name,
    kubernetesVersion: row.kubernetes_version,
    registeredAt: instant(row.registered_at).toISOString(),
  }
}
