import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { NodeObservation } from '../../../platform/link/protocol.ts'

export interface GpuRow {
  id: string
  /** On its node. */
  index: number
  uuid: string
  model: string
  memoryMiB: number
  node: string
  nodePoolId: string
  health: string
  /** Decimal of the device. */
  allocated: string
  shareEnforcement: NonNullable<NodeObservation['shareEnforcement']>
}

/** Every condition given must hold. */
export interface GpuConditions {
  clusterId?: string | null | undefined
  nodePoolId?: string | null | undefined
  model?: string | null | undefined
  node?: string | null | undefined
  health?: string | null | undefined
  /** Healthy as far as its node tells, on a ready node, not wholly allocated. */
  available?: boolean | null | undefined
}

/** In no order. */
export async function gpusByIds(tx: Tx, ids: readonly string[]): Promise<GpuRow[]> {
  return select(tx, sql`gpus.id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)
}

/** One more than `limit` where there are more, in the order of their first report. */
export async function listGpus(
  tx: Tx,
  conditions: GpuConditions,
  { limit, after }: { limit: number; after: string | null },
): Promise<GpuRow[]> {
  return select(
    tx,
    sql`${sql.join([sql`gpus.id > ${after ?? ''}`, ...conditionsOf(conditions)], sql` and `)}
         order by gpus.id
         limit ${limit + 1}`,
  )
}

const HEALTH: SQL = sql`case when nodes.ready then gpus.health else 'NODE_NOT_READY' end`
const AVAILABLE: SQL = sql`(nodes.ready and lower(gpus.health) in ('healthy', 'unknown') and gpus.allocated < 1)`

function conditionsOf(conditions: GpuConditions): SQL[] {
  const { clusterId, nodePoolId, model, node, health, available } = conditions
  // Postgres text holds no NUL, so nothing equals a text that has one.
  if ([clusterId, nodePoolId, model, node, health].some((text) => text?.includes('\0'))) return [sql`false`]
  const wanted: SQL[] = []
  if (isGiven(clusterId)) wanted.push(sql`gpus.cluster_id = ${clusterId}`)
  if (isGiven(nodePoolId)) wanted.push(sql`node_pools.id = ${nodePoolId}`)
  if (isGiven(model)) wanted.push(sql`gpus.model = ${model}`)
  if (isGiven(node)) wanted.push(sql`gpus.node = ${node}`)
  if (isGiven(health)) wanted.push(sql`${HEALTH} = ${health}`)
  if (isGiven(available)) wanted.push(sql`${AVAILABLE} = ${available}`)
  return wanted
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}

interface Stored extends Record<string, unknown> {
  id: string
  index: number
  uuid: string
  model: string
  memory_mib: number
  node: string
  node_pool_id: string
  health: string
  allocated: string
  share_enforcement: GpuRow['shareEnforcement']
}

async function select(tx: Tx, condition: SQL): Promise<GpuRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select gpus.id, gpus.index, gpus.uuid, gpus.model, gpus.memory_mib, gpus.node, gpus.allocated,
           coalesce(nodes.share_enforcement, 'NONE') as share_enforcement, node_pools.id as node_pool_id, ${HEALTH} as health
      from gpus
      join nodes on nodes.cluster_id = gpus.cluster_id and nodes.name = gpus.node
      join node_pools on node_pools.cluster_id = nodes.cluster_id and node_pools.name = nodes.pool
     where ${condition}`)
  return rows.map(({ memory_mib, node_pool_id, share_enforcement, ...row }) => ({
    ...row,
    memoryMiB: memory_mib,
    nodePoolId: node_pool_id,
    shareEnforcement: share_enforcement,
  }))
}
