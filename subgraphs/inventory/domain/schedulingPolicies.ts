import { SCHEDULING_POLICY } from '../../../kubernetes/names.ts'
import { audit } from '../../../platform/audit.ts'
import { PLATFORM } from '../../../platform/database/common.ts'
import type { Tx } from '../../../platform/database/database.ts'
import { deny } from '../../../platform/graph/deny.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Json } from '../../../platform/json.ts'
import { putDirective } from '../../../platform/link/directives.ts'
import type { Context } from '../context.ts'
import type {
  ApplySchedulingPolicyInput,
  CreateSchedulingPolicyInput,
  RollBackSchedulingPolicyInput,
} from '../generated/resolvers.ts'
import { clusterIds } from '../store/clusters.ts'
import {
  clusterPolicies,
  insertPolicy,
  insertWish,
  lockPolicies,
  type PolicyRow,
  policiesByIds,
  wishBefore,
} from '../store/policies.ts'
import { decidePolicy } from './decidePolicy.ts'

/** @returns the policy's id; null for a dry run that would have succeeded */
export async function createSchedulingPolicy(
  context: Context,
  input: CreateSchedulingPolicyInput,
): Promise<Outcome<string | null>> {
  return change(context, 'createSchedulingPolicy', input, async (tx, now) => {
    const decision = decidePolicy(input)
    if (!decision.ok) return decision
    if (input.dryRun) return { ok: true, result: null }
    const id = context.ids.next('policy')
    const { comment } = input
    const { spec } = decision
    await insertPolicy(tx, { id, comment, spec, createdAt: now.toISOString(), createdBy: context.identity.subject })
    return { ok: true, result: id }
  })
}

/** @returns ids of the clusters for which it is another wish than before */
export async function applySchedulingPolicy(
  context: Context,
  input: ApplySchedulingPolicyInput,
): Promise<Outcome<string[]>> {
  return change(context, 'applySchedulingPolicy', input, async (tx, now) => {
    const [policy] = await policiesByIds(tx, [input.id])
    if (policy === undefined) return { ok: false, errors: [notThere('id', 'scheduling policy', 'schedulingPolicies')] }
    const named = await namedClusters(tx, input.clusterIds)
    if (named === null) return { ok: false, errors: [notThere('clusterIds', 'cluster', 'clusters')] }
    if (input.dryRun) return { ok: true, result: [] }
    const wishes = new Map((await clusterPolicies(tx, named)).map((wish) => [wish.clusterId, wish]))
    const changed = named.filter((id) => wishes.get(id)?.policyId !== policy.id)
    for (const clusterId of changed) {
      const before = wishes.get(clusterId)?.generation ?? null
      await wish(tx, context, { clusterId, policy, generation: (before ?? 0) + 1, before, now })
    }
    return { ok: true, result: changed }
  })
}

/** @returns ids of the clusters that go back */
export async function rollBackSchedulingPolicy(
  context: Context,
  input: RollBackSchedulingPolicyInput,
): Promise<Outcome<string[]>> {
  return change(context, 'rollBackSchedulingPolicy', input, async (tx, now) => {
    const named = await namedClusters(tx, input.clusterIds)
    if (named === null) return { ok: false, errors: [notThere('clusterIds', 'cluster', 'clusters')] }
    const wishes = (await clusterPolicies(tx, named)).flatMap(({ before, ...wish }) =>
      before ? [{ ...wish, before }] : [],
    )
    const isNamed = input.clusterIds != null
    if (wishes.length === 0 || (isNamed && wishes.length < named.length))
      return { ok: false, errors: [nothingBefore()] }
    if (input.dryRun) return { ok: true, result: [] }
    const policies = await policiesByIds(
      tx,
      wishes.map(({ before }) => before.policyId),
    )
    for (const { clusterId, generation, before } of wishes) {
      const policy = policies.find(({ id }) => id === before.policyId)
      if (policy === undefined) throw new Error('a policy that was applied is never deleted')
      const further = await wishBefore(tx, clusterId, before.generation)
      await wish(tx, context, { clusterId, policy, generation: generation + 1, before: further, now })
    }
    return { ok: true, result: wishes.map(({ clusterId }) => clusterId) }
  })
}

interface Wish {
  clusterId: string
  policy: PolicyRow
  generation: number
  before: number | null
  now: Date
}

async function wish(
  tx: Tx,
  { identity }: Context,
  { clusterId, policy, generation, before, now }: Wish,
): Promise<void> {
  await insertWish(tx, { clusterId, generation, policyId: policy.id, before, at: now, by: identity.subject })
  const directive = { kind: 'SchedulingPolicy' as const, key: SCHEDULING_POLICY, tenantId: null }
  await putDirective(tx, clusterId, { ...directive, body: { generation, spec: policy.spec } })
}

/** Null where one of them is not there. */
async function namedClusters(tx: Tx, asked: readonly string[] | null | undefined): Promise<string[] | null> {
  const known = await clusterIds(tx)
  if (asked == null) return known
  return asked.every((id) => known.includes(id)) ? [...new Set(asked)] : null
}

/** What all three have in common: who may, once per key, one after another, and on record. */
async function change<Input extends { idempotencyKey?: string | null; dryRun?: boolean | null }, T extends Json>(
  context: Context,
  mutation: string,
  input: Input,
  decide: (tx: Tx, now: Date) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const { identity } = context
  if (!may(identity, 'policy.write', { tenantId: null }))
    return deny(context, mutation, input, 'change how clusters schedule')
  const now = new Date(context.clock.nowMs())
  const key = input.dryRun ? null : input.idempotencyKey
  const scope = { tenantId: PLATFORM, principal: identity.subject, mutation, key, input, now }
  return context.write((tx) =>
    idempotent<T>(tx, scope, async () => {
      await lockPolicies(tx)
      const outcome = await decide(tx, now)
      if (!outcome.ok || input.dryRun) return outcome
      await audit(tx, {
        tenantId: PLATFORM,
        at: now,
        principal: identity.subject,
        action: mutation,
        objectId: typeof outcome.result === 'string' ? outcome.result : null,
        decision: 'allowed',
        requestId: context.requestId,
        input,
      })
      return outcome
    }),
  )
}

function notThere(field: string, what: string, list: string): UserError {
  return { code: 'NOT_FOUND', field: [field], message: `There is no such ${what}.`, fix: `Take one from ${list}.` }
}

function nothingBefore(): UserError {
  return {
    code: 'NOTHING_BEFORE',
    field: ['clusterIds'],
    message: 'No other policy was applied before.',
    fix: 'Name clusters to which another was, or apply one of schedulingPolicies.',
  }
}
