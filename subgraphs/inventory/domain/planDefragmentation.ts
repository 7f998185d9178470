import { forbidden, type UserError } from '../../../platform/graph/errors.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Rearrangement } from '../../../scheduler/whatif/questions.ts'
import type { Context } from '../context.ts'
import type { DefragmentationInput } from '../generated/resolvers.ts'
import { noClusterTold } from './whatIfErrors.ts'

export interface AskedDefragmentation extends Rearrangement {
  readonly asOf: Date
  readonly clusterId: string
}
type Planned = { ok: true; plan: AskedDefragmentation } | { ok: false; errors: UserError[] }

const MAX_NODES = 10_000

/** @throws GraphQLError FORBIDDEN: it tells of everybody's jobs */
export async function planDefragmentation(context: Context, input: DefragmentationInput): Promise<Planned> {
  if (!may(context.identity, 'policy.read', { tenantId: null })) throw forbidden('see what could move in a cluster')
  const wholeNodes = input.wholeNodes ?? Number.POSITIVE_INFINITY
  if (input.wholeNodes != null && (input.wholeNodes < 1 || input.wholeNodes > MAX_NODES)) {
    const message = `It is ${input.wholeNodes}.`
    return {
      ok: false,
      errors: [{ code: 'OUT_OF_RANGE', field: ['wholeNodes'], message, fix: `Give 1 to ${MAX_NODES}.` }],
    }
  }
  const clusters = await context.whatIf.clusters()
  const cluster = clusters.find(({ id }) => input.clusterId == null || id === input.clusterId)
  const goal = input.jobId == null ? { wholeNodes } : { jobId: input.jobId }
  const told = cluster && (await context.whatIf.ask(cluster.id, { kind: 'defragmentation', goal }))
  if (!cluster || !told) return { ok: false, errors: [noClusterTold()] }
  return { ok: true, plan: { ...told.plan, asOf: told.asOf, clusterId: cluster.id } }
}
