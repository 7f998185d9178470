import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { Quota } from '../domain/quota.ts'
import type { FlavorFungibility, FlavorSearch, QueueingStrategy, StopPolicy } from '../generated/resolvers.ts'

export interface QueueRow {
  id: string
  /** null: shared. */
  tenantId: string | null
  name: string
  /** Name of the Queue object in every cluster. */
  objectName: string
  parentId: string | null
  generation: number
  quotas: readonly Quota[]
  /** Decimal. */
  weight: string
  queueingStrategy: QueueingStrategy
  stopPolicy: StopPolicy
  minRuntimeSeconds: number
  flavorFungibility: FlavorFungibility
  /** Of a root; null: only what is held counts in shares. */
  usageHalfLifeSeconds: number | null
  /** Decimal of GPUs it could ever hold by quotas; null: unbounded. */
  maxGpus: string | null
}

/** Kueue's. */
export const DEFAULT_FUNGIBILITY: FlavorFungibility = {
  whenCanBorrow: 'MAY_STOP_SEARCH',
  whenCanPreempt: 'TRY_NEXT_FLAVOR',
}

export async function insertQueue(tx: Tx, queue: QueueRow, createdAt: Date): Promise<void> {
  await tx.execute(sql`
    insert into queues (id, tenant_id, name, object_name, parent_id, generation, quotas, weight,
                        queueing_strategy, stop_policy, min_runtime_seconds, when_can_borrow, when_can_preempt,
                        usage_half_life_seconds, max_gpus, created_at)
    values (${queue.id}, ${queue.tenantId}, ${queue.name}, ${queue.objectName}, ${queue.parentId}, ${queue.generation},
            ${JSON.stringify(queue.quotas)}::jsonb, ${queue.weight},
            ${queue.queueingStrategy}, ${queue.stopPolicy}, ${queue.minRuntimeSeconds},
            ${queue.flavorFungibility.whenCanBorrow}, ${queue.flavorFungibility.whenCanPreempt},
            ${queue.usageHalfLifeSeconds}, ${queue.maxGpus}, ${createdAt.toISOString()})`)
}

/** All but whose it is and what it is called; the caller holds the lock of the tree. */
export async function changeQueue(tx: Tx, queue: QueueRow): Promise<void> {
  await tx.execute(sql`
    update queues
       set parent_id = ${queue.parentId}, generation = ${queue.generation},
           quotas = ${JSON.stringify(queue.quotas)}::jsonb, weight = ${queue.weight},
           queueing_strategy = ${queue.queueingStrategy}, stop_policy = ${queue.stopPolicy},
           min_runtime_seconds = ${queue.minRuntimeSeconds},
           when_can_borrow = ${queue.flavorFungibility.whenCanBorrow},
           when_can_preempt = ${queue.flavorFungibility.whenCanPreempt},
           usage_half_life_seconds = ${queue.usageHalfLifeSeconds}
     where id = ${queue.id}`)
}

/** @returns the queues whose limit is another than before */
export async function setMaxGpus(tx: Tx, maxGpusOf: ReadonlyMap<string, string | null>): Promise<QueueRow[]> {
  const limits = [...maxGpusOf].map(([id, max]) => ({ id, max }))
  const rows = await tx.execute<Stored>(sql`
    update queues set max_gpus = wanted.max
      from jsonb_to_recordset(${JSON.stringify(limits)}::jsonb) as wanted(id text, max numeric)
     where queues.id = wanted.id and queues.max_gpus is distinct from wanted.max
    returning ${COLUMNS}`)
  return rows.map(fromStored)
}

export async function queueNameTaken(tx: Tx, tenantId: string | null, name: string): Promise<boolean> {
  const rows = await tx.execute(
    sql`select 1 from queues where tenant_id is not distinct from ${tenantId}::text and name = ${name}`,
  )
  return rows.length > 0
}

/** Those of `ids` that the actor may see, in no order. */
export async function queuesByIds(tx: Tx, ids: readonly string[]): Promise<QueueRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select ${COLUMNS} from queues where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)
  return rows.map(fromStored)
}

/** Those that the actor may see. */
export async function queuesByName(tx: Tx, name: string): Promise<QueueRow[]> {
  const rows = await tx.execute<Stored>(sql`select ${COLUMNS} from queues where name = ${name}`)
  return rows.map(fromStored)
}

/** By the names of their objects in the clusters; those that the actor may see, in no order. */
export async function queuesByObjectName(tx: Tx, names: readonly string[]): Promise<QueueRow[]> {
  const rows = await tx.execute<Stored>(sql`select ${COLUMNS} from queues where object_name = any(${textArray(names)})`)
  return rows.map(fromStored)
}

/** One more than `limit` where there are more, in the order of creation. With a tenant: only its own. */
export async function listQueues(
  tx: Tx,
  { tenantId, limit, after }: { tenantId: string | null; limit: number; after: string | null },
): Promise<QueueRow[]> {
  const ofTenant = tenantId === null ? sql`` : sql`and tenant_id = ${tenantId}`
  const rows = await tx.execute<Stored>(sql`
    select ${COLUMNS} from queues
     where id > ${after ?? ''} ${ofTenant}
     order by id
     limit ${limit + 1}`)
  return rows.map(fromStored)
}

/** Every queue with the name of its parent's object. Not for a client's request: other tenants' are among them. */
export async function allQueues(tx: Tx): Promise<{ queue: QueueRow; parentObjectName: string | null }[]> {
  const rows = await tx.execute<Stored & { parent_object_name: string | null }>(sql`
    select ${COLUMNS}, (select parent.object_name from queues parent where parent.id = queues.parent_id) as parent_object_name
      from queues`)
  return rows.map((row) => ({ queue: fromStored(row), parentObjectName: row.parent_object_name }))
}

const COLUMNS: SQL = sql`queues.id, queues.tenant_id, queues.name, queues.object_name, queues.parent_id,
  queues.generation, queues.quotas, queues.weight, queues.queueing_strategy, queues.stop_policy,
  queues.min_runtime_seconds, queues.when_can_borrow, queues.when_can_preempt, queues.usage_half_life_seconds,
  trim_scale(queues.max_gpus) as max_gpus`

interface Stored extends Record<string, unknown> {
  id: string
  tenant_id: string | null
  name: string
  object_name: string
  parent_id: string | null
  generation: number
  quotas: Quota[]
  weight: string
  queueing_strategy: QueueingStrategy
  stop_policy: StopPolicy
  min_runtime_seconds: number
  when_can_borrow: FlavorSearch
  when_can_preempt: FlavorSearch
  usage_half_life_seconds: number | null
  max_gpus: string | null
}

function fromStored(row: Stored): QueueRow {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    objectName: row.object_name,
    parentId: row.parent_id,
    generation: row.generation,
    quotas: row.quotas,
    weight: row.weight,
    queueingStrategy: row.queueing_strategy,
    stopPolicy: row.stop_policy,
    minRuntimeSeconds: row.min_runtime_seconds,
    flavorFungibility: { whenCanBorrow: row.when_can_borrow, whenCanPreempt: row.when_can_preempt },
    usageHalfLifeSeconds: row.usage_half_life_seconds,
    maxGpus: row.max_gpus,
  }
}
