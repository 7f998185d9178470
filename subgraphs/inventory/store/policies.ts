import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { PolicyObservation, SchedulingPolicyWish } from '../../../platform/link/protocol.ts'

export interface PolicyRow {
  id: string
  comment: string
  spec: SchedulingPolicyWish
  /** RFC 3339, as all times here. */
  createdAt: string
  createdBy: string
}
/** A cluster's newest wish, with what has been seen of it. */
export interface ClusterPolicyRow {
  clusterId: string
  generation: number
  policyId: string
  /** Policy that a rollback goes back to, and the generation under which it was wished for. */
  before: { generation: number; policyId: string } | null
  appliedAt: string
  appliedBy: string
  observedGeneration: number | null
  isFollowed: boolean
}

export async function insertPolicy(tx: Tx, policy: PolicyRow): Promise<void> {
  await tx.execute(sql`
    insert into policy_versions (id, comment, spec, created_at, created_by)
    values (${policy.id}, ${policy.comment}, ${JSON.stringify(policy.spec)}::jsonb, ${policy.createdAt}, ${policy.createdBy})`)
}

/** In no order. */
export async function policiesByIds(tx: Tx, ids: readonly string[]): Promise<PolicyRow[]> {
  const rows = await tx.execute<Stored>(sql`select * from policy_versions where id = any(${textArray(ids)})`)
  return rows.map(fromStored)
}

/** One more than `limit` where there are more, in the order of creation. */
export async function listPolicies(tx: Tx, page: { limit: number; after: string | null }): Promise<PolicyRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select * from policy_versions where id > ${page.after ?? ''} order by id limit ${page.limit + 1}`)
  return rows.map(fromStored)
}

/** Of those clusters for which something was ever wished. */
export async function clusterPolicies(tx: Tx, clusterIds: readonly string[]): Promise<ClusterPolicyRow[]> {
  const rows = await tx.execute<{
    cluster_id: string
    generation: number
    policy_id: string
    before: number | null
    before_policy: string | null
    applied_at: string
    applied_by: string
    observed: number | null
    is_followed: boolean | null
  }>(sql`
    select distinct on (wish.cluster_id) wish.cluster_id, wish.generation, wish.policy_id, wish.before,
           earlier.policy_id as before_policy, wish.applied_at, wish.applied_by,
           seen.generation as observed, seen.is_followed
      from cluster_policies wish
      left join cluster_policies earlier on earlier.cluster_id = wish.cluster_id and earlier.generation = wish.before
      left join observed_policies seen on seen.cluster_id = wish.cluster_id
     where wish.cluster_id = any(${textArray(clusterIds)})
     order by wish.cluster_id, wish.generation desc`)
  return rows.map((row) => ({
    clusterId: row.cluster_id,
    generation: row.generation,
    policyId: row.policy_id,
    before: row.before === null ? null : { generation: row.before, policyId: row.before_policy ?? '' },
    appliedAt: instant(row.applied_at).toISOString(),
    appliedBy: row.applied_by,
    observedGeneration: row.observed,
    isFollowed: row.is_followed === true && row.observed === row.generation,
  }))
}

/** @returns the generation of a wish of this cluster that went before the one of that generation; null: none did */
export async function wishBefore(tx: Tx, clusterId: string, generation: number): Promise<number | null> {
  const [row] = await tx.execute<{ before: number | null }>(sql`
    select before from cluster_policies where cluster_id = ${clusterId} and generation = ${generation}`)
  return row?.before ?? null
}

export async function insertWish(
  tx: Tx,
  wish: { clusterId: string; generation: number; policyId: string; before: number | null; at: Date; by: string },
): Promise<void> {
  await tx.execute(sql`
    insert into cluster_policies (cluster_id, generation, policy_id, before, applied_at, applied_by)
    values (${wish.clusterId}, ${wish.generation}, ${wish.policyId}, ${wish.before}, ${wish.at.toISOString()}, ${wish.by})`)
}

/** Held to the end of a transaction: of two wishes at once the second sees the first. */
export async function lockPolicies(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('inventory.policies'))`)
}

export async function recordPolicy(tx: Tx, { clusterId }: BatchOrigin, seen: PolicyObservation): Promise<void> {
  await tx.execute(sql`
    insert into observed_policies (cluster_id, generation, is_followed)
    values (${clusterId}, ${seen.generation}, ${seen.isFollowed})
    on conflict (cluster_id) do update set generation = excluded.generation, is_followed = excluded.is_followed`)
}

interface Stored extends Record<string, unknown> {
  id: string
  comment: string
  spec: SchedulingPolicyWish
  created_at: string
  created_by: string
}

function fromStored(row: Stored): PolicyRow {
  return {
    id: row.id,
    comment: row.comment,
    spec: row.spec,
    createdAt: instant(row.created_at).toISOString(),
    createdBy: row.created_by,
  }
}
