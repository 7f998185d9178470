import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { NodeObservation } from '../../../platform/link/protocol.ts'

export interface NodePoolRow {
  id: string
  clusterId: string
  /** Also the flavor that quotas name. */
  name: string
  gpuModel: string | null
  deviceControl: NodeObservation['deviceControl']
  nodeCount: number
  gpuCount: number
  /** Decimal of devices. */
  allocatedGpus: string
}

/** Names of all pools in all clusters. */
export async function flavorNames(tx: Tx): Promise<Set<string>> {
  const rows = await tx.execute<{ name: string }>(sql`select distinct name from node_pools`)
  return new Set(rows.map(({ name }) => name))
}

/** In no order. */
export async function nodePoolsByIds(tx: Tx, ids: readonly string[]): Promise<NodePoolRow[]> {
  return select(
    tx,
    sql`select ${COLUMNS} from node_pools ${FIGURES}
         where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`,
  )
}

/** One more than `limit` where there are more, in the order of their first node. With a cluster: only its own. */
export async function listNodePools(
  tx: Tx,
  { clusterId, limit, after }: { clusterId: string | null; limit: number; after: string | null },
): Promise<NodePoolRow[]> {
  const ofCluster = clusterId === null ? sql`` : sql`and cluster_id = ${clusterId}`
  return select(
    tx,
    sql`select ${COLUMNS} from node_pools ${FIGURES}
         where id > ${after ?? ''} ${ofCluster}
         order by id
         limit ${limit + 1}`,
  )
}

/** One more than `limit` of each cluster where there are more, cluster by cluster. */
export async function nodePoolsOfClusters(
  tx: Tx,
  clusterIds: readonly string[],
  { limit, after }: { limit: number; after: string | null },
): Promise<NodePoolRow[]> {
  return select(
    tx,
    sql`select page.*
          from jsonb_array_elements_text(${JSON.stringify(clusterIds)}::jsonb) as wanted(cluster_id)
         cross join lateral (
           select ${COLUMNS} from node_pools ${FIGURES}
            where node_pools.cluster_id = wanted.cluster_id and id > ${after ?? ''}
            order by id
            limit ${limit + 1}) as page`,
  )
}

const COLUMNS: SQL = sql`node_pools.id, node_pools.cluster_id, node_pools.name, node_pools.gpu_model,
  node_pools.device_control, figures.node_count, figures.gpu_count, figures.allocated_gpus`

/** Counted when asked: nodes are few, and a count that is kept could drift. */
const FIGURES: SQL = sql`cross join lateral (
  select count(*)::integer as node_count, coalesce(sum(nodes.gpu_count), 0)::integer as gpu_count,
         trim_scale(coalesce(sum(nodes.allocated_gpus), 0)) as allocated_gpus
    from nodes
   where nodes.cluster_id = node_pools.cluster_id and nodes.pool = node_pools.name) as figures`

interface Stored extends Record<string, unknown> {
  id: string
  cluster_id: string
  name: string
  gpu_model: string | null
  device_control: NodeObservation['deviceControl']
  node_count: number
  gpu_count: number
  allocated_gpus: string
}

async function select(tx: Tx, query: SQL): Promise<NodePoolRow[]> {
  const rows = await tx.execute<Stored>(query)
  return rows.map((row) => ({
    id: row.id,
    clusterId: row.cluster_id,
    name: row.name,
    gpuModel: row.gpu_model,
    deviceControl: row.device_control,
    nodeCount: row.node_count,
    gpuCount: row.gpu_count,
    allocatedGpus: row.allocated_gpus,
  }))
}
