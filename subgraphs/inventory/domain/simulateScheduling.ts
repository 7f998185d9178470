import { renderQueue } from '../../../kubernetes/render/renderQueue.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { forbidden } from '../../../platform/graph/errors.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { readQueue } from '../../../scheduler/live/readQueue.ts'
import type { PendingJob } from '../../../scheduler/model/job.ts'
import type { Prospect, QueueProspect, WorldChanges } from '../../../scheduler/whatif/questions.ts'
import type { Context } from '../context.ts'
import type { SimulatedQueueInput, SimulateSchedulingInput } from '../generated/resolvers.ts'
import { queueByObjectNameLoader, queueLoader } from '../loaders.ts'
import { flavorNames } from '../store/nodePools.ts'
import { policiesByIds } from '../store/policies.ts'
import type { QueueRow } from '../store/queues.ts'
import { askedJob } from './askedJob.ts'
import { queueNotFound } from './queueErrors.ts'
import { checkQuotas, checkWeight } from './quota.ts'
import { queueDirective } from './tellQueue.ts'
import { noClusterTold } from './whatIfErrors.ts'

export type ProspectFigures = Omit<QueueProspect, 'queue' | 'weightedShare'>
/** What the caller may see of a prospect: its queues, and of all others their sum. */
export interface ShownProspect {
  until: Date
  total: ProspectFigures
  queues: (QueueProspect & { row: QueueRow })[]
}
export interface ShownSimulation {
  asOf: Date
  clusterId: string
  before: ShownProspect
  after: ShownProspect
}
export type Simulated = { ok: true; simulation: ShownSimulation } | { ok: false; errors: UserError[] }

const LIMITS = { queues: 100, nodeKinds: 20, nodes: 1_000, jobKinds: 20, jobs: 500, horizonSeconds: 2_592_000 }

/** @throws GraphQLError FORBIDDEN for what only operators may try */
export async function simulateScheduling(context: Context, input: SimulateSchedulingInput): Promise<Simulated> {
  assertMayTry(context, input)
  const errors = boundErrors(input)
  if (errors.length > 0) return { ok: false, errors }
  const changes = await changesOf(context, input)
  if (!changes.ok) return changes
  const clusters = await context.whatIf.clusters()
  const cluster = clusters.find(({ id }) => input.clusterId == null || id === input.clusterId)
  const horizonMs = (input.horizonSeconds ?? 86_400) * 1_000
  const told =
    cluster && (await context.whatIf.ask(cluster.id, { kind: 'simulation', changes: changes.value, horizonMs }))
  if (!cluster || !told) return { ok: false, errors: [noClusterTold()] }
  const [before, after] = [await shown(context, told.before), await shown(context, told.after)]
  return { ok: true, simulation: { asOf: told.asOf, clusterId: cluster.id, before, after } }
}

/** Nodes and policies are everybody's; of queues it is asked one by one. */
function assertMayTry(
  { identity }: Context,
  { addNodes, cordonNodes, agingSeconds, policyId }: SimulateSchedulingInput,
): void {
  const isOfAll =
    (addNodes?.length ?? 0) > 0 || (cordonNodes?.length ?? 0) > 0 || agingSeconds != null || policyId != null
  if (isOfAll && !may(identity, 'policy.write', { tenantId: null }))
    throw forbidden('try changes of nodes or of policies')
}

function boundErrors(input: SimulateSchedulingInput): UserError[] {
  const tooMany = (field: string, count: number, most: number): UserError[] =>
    count <= most ? [] : [outOfRange(field, `There are ${count}.`, `Give at most ${most}.`)]
  const between = (field: string, value: number, least: number, most: number): UserError[] =>
    value >= least && value <= most ? [] : [outOfRange(field, `It is ${value}.`, `Give ${least} to ${most}.`)]
  return [
    ...between('horizonSeconds', input.horizonSeconds ?? 86_400, 60, LIMITS.horizonSeconds),
    ...(input.agingSeconds == null ? [] : between('agingSeconds', input.agingSeconds, 60, 31_536_000)),
    ...tooMany('queues', input.queues?.length ?? 0, LIMITS.queues),
    ...tooMany('addNodes', input.addNodes?.length ?? 0, LIMITS.nodeKinds),
    ...tooMany('cordonNodes', input.cordonNodes?.length ?? 0, LIMITS.nodes),
    ...tooMany('jobs', input.jobs?.length ?? 0, LIMITS.jobKinds),
    ...(input.addNodes ?? []).flatMap(({ count }) => between('addNodes', count, 1, LIMITS.nodes)),
    ...(input.jobs ?? []).flatMap(({ count }) => between('jobs', count ?? 1, 1, LIMITS.jobs)),
  ]
}

function outOfRange(field: string, message: string, fix: string): UserError {
  return { code: 'OUT_OF_RANGE', field: [field], message, fix }
}

type Changes = { ok: true; value: WorldChanges } | { ok: false; errors: UserError[] }

async function changesOf(context: Context, input: SimulateSchedulingInput): Promise<Changes> {
  const errors: UserError[] = []
  const jobs: PendingJob[] = []
  for (const [kind, { count, job }] of (input.jobs ?? []).entries()) {
    const asked = await askedJob(context, job, 'added', 'job.submit')
    if (!asked.ok) errors.push(...asked.errors)
    else for (let i = 0; i < (count ?? 1); i++) jobs.push({ ...asked.job, uid: `added-${kind}-${i}` })
  }
  const flavors = new Set(await flavorNames(await context.read()))
  const unknown = (input.addNodes ?? []).find(({ flavor }) => !flavors.has(flavor))
  if (unknown)
    errors.push(
      outOfRange('addNodes', `No node pool has the flavor '${unknown.flavor.slice(0, 40)}'.`, 'Name one of nodePools.'),
    )
  const queues: WorldChanges['queues'][number][] = []
  for (const queue of input.queues ?? []) {
    const row = await queueLoader(context).load(queue.id)
    if (!row) errors.push(queueNotFound('id'))
    else if (!may(context.identity, 'queue.write', row)) throw forbidden('try changes of this queue')
    else {
      const spec = specOf(queue, row, flavors)
      if ('errors' in spec) errors.push(...spec.errors)
      else queues.push({ name: row.objectName, spec: spec.value })
    }
  }
  const [policy] = input.policyId == null ? [] : await policiesByIds(await context.read(), [input.policyId])
  if (input.policyId != null && policy === undefined)
    errors.push({
      code: 'NOT_FOUND',
      field: ['policyId'],
      message: 'There is no such scheduling policy.',
      fix: 'Take one from schedulingPolicies.',
    })
  if (errors.length > 0) return { ok: false, errors }
  const { addNodes, cordonNodes } = input
  const agingSeconds = input.agingSeconds ?? policy?.spec.order.agingSeconds
  return {
    ok: true,
    value: {
      queues,
      jobs,
      addNodes: (addNodes ?? []).map(({ flavor, count }) => ({ flavor, count })),
      cordonNodes: cordonNodes ?? [],
      stops: (policy?.spec.stops ?? []).map(({ node, pool, stopPolicy }) => ({
        node: node ?? null,
        flavor: pool ?? null,
        stopPolicy,
      })),
      agingMs: agingSeconds == null ? null : agingSeconds * 1_000,
      shareEnforcements: policy === undefined ? null : (policy.spec.shares?.requireEnforcement ?? []),
    },
  }
}

/** As the scheduler would read the queue from its object, so that one reading holds for both. */
function specOf(input: SimulatedQueueInput, row: QueueRow, flavors: ReadonlySet<string>) {
  const quotas = checkQuotas(
    input.quotas ?? row.quotas,
    new Set([...flavors, ...row.quotas.map(({ flavor }) => flavor)]),
  )
  const weight = checkWeight(input.weight ?? row.weight)
  if (!quotas.ok) return quotas
  if (!weight.ok) return weight
  const wanted: QueueRow = {
    ...row,
    quotas: quotas.value,
    weight: weight.value,
    queueingStrategy: input.queueingStrategy ?? row.queueingStrategy,
    stopPolicy: input.stopPolicy ?? row.stopPolicy,
    minRuntimeSeconds: input.minRuntimeSeconds ?? row.minRuntimeSeconds,
  }
  // Its place in the tree stays as the cluster has it.
  const {
    name: _name,
    tenantId: _tenant,
    parent: _parent,
    ...spec
  } = readQueue(renderQueue(queueDirective(wanted, null)))
  return { value: spec }
}

/** Row-level security leaves other tenants' queues out. */
async function shown(context: Context, { queues, untilMs }: Prospect): Promise<ShownProspect> {
  const rows = await queueByObjectNameLoader(context).loadMany(queues.map(({ queue }) => queue))
  const busy = queues.flatMap((prospect, i) => {
    const row = rows[i]
    const isIdle = prospect.waiting === 0 && prospect.usedGpuThousandths === 0 && prospect.stopped === 0
    return row && !(row instanceof Error) && !isIdle && may(context.identity, 'queue.read', row)
      ? [{ ...prospect, row }]
      : []
  })
  return { until: new Date(untilMs), total: totalOf(queues), queues: busy }
}

function totalOf(queues: readonly QueueProspect[]): ProspectFigures {
  const sum = (of: (queue: QueueProspect) => number) => queues.reduce((total, queue) => total + of(queue), 0)
  const start = sum((queue) => queue.start)
  const longest = queues.flatMap(({ longestWaitMs }) => longestWaitMs ?? [])
  return {
    start,
    waiting: sum(({ waiting }) => waiting),
    startNow: sum(({ startNow }) => startNow),
    stopped: sum(({ stopped }) => stopped),
    usedGpuThousandths: sum(({ usedGpuThousandths }) => usedGpuThousandths),
    meanWaitMs: start === 0 ? null : sum((queue) => (queue.meanWaitMs ?? 0) * queue.start) / start,
    longestWaitMs: longest.length === 0 ? null : Math.max(...longest),
  }
}
