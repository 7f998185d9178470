import type { Workload } from '../../../bin/replay/load.ts'
import { type Refusal, submitPod } from '../../../bin/replay/submit.ts'
import { type ReplayClients, tenantOfRow } from '../../../bin/replay/tenants.ts'
import type { TracePod } from '../../../bin/replay/trace.ts'
import type { ClockFile } from '../../../platform/clockFile.ts'
import { until } from '../../testkit/until.ts'
import type { Compute } from './compute.ts'
import type { Killer } from './killer.ts'

interface DriveOptions {
  clock: ClockFile
  compute: Compute
  killer: Killer
  clients: ReplayClients
  workload: Workload
  /** The workload's second 0 in domain time. */
  startMs: number
  /** When the agent is cut off from the control plane, in seconds of the workload. */
  cutOff?: { fromSeconds: number; forSeconds: number } | undefined
}

/** Time may go on while so many observations travel, to whom they travel being there or not. */
const TRAILING_RECORDS = 400
/** Several under way meet a kill in different states; they come at the time of the last of them. */
const AT_ONCE = 4
/** Cut off, the cluster goes on with what it has, and tells nobody. */
const LEFT_ALONE = { jobIds: [], backlog: Number.POSITIVE_INFINITY }

export interface Driven {
  refused: Refusal[]
  /** Of those that were not: how many each tenant has, by slug. */
  jobsByTenant: Map<string, number>
}

/**
 * Submits every pod at about its time and lets all run to their end. While the cluster's process is away time
 * goes on without it: what was due meanwhile it finds done, or does late, when it is back.
 */
export async function drive(options: DriveOptions): Promise<Driven> {
  const { clock, compute, killer, clients, workload, startMs } = options
  const changes = changesOf(options)
  let isCutOff = false
  /** Jobs that the cluster has not been seen to have yet, and the life of its process that was asked for them. */
  let unsettled: string[] = []
  let askedLife = compute.life

  /** Goes to that time and settles what is due at it. Without the cluster's process it only goes there. */
  async function step(toMs: number): Promise<void> {
    clock.moveTo(toMs)
    if (killer.isAway('agent')) return
    while (askedLife !== compute.life) {
      askedLife = compute.life
      // What ended and was deleted in an earlier life, this one never sees.
      unsettled = await withoutEnded(clients, unsettled)
    }
    const settled = isCutOff ? LEFT_ALONE : { jobIds: unsettled, backlog: TRAILING_RECORDS }
    const answer = await compute.ask({ kind: 'step', advanceToMs: toMs, settled }, 'stepped')
    if (answer !== 'killed' && !isCutOff) unsettled = []
  }
  async function advanceTo(ms: number): Promise<void> {
    for (let [change] = changes; change && change.atMs <= ms; [change] = changes) {
      await goTo(change.atMs)
      changes.shift()
      await compute.ask({ kind: 'cutOff', isCutOff: change.isCutOff }, 'cutOff')
      isCutOff = change.isCutOff
    }
    await goTo(ms)
  }
  async function goTo(ms: number): Promise<void> {
    while (clock.nowMs() < ms) {
      const next = killer.isAway('agent') ? null : compute.nextTimerMs
      await step(next === null ? ms : Math.min(ms, Math.max(next, clock.nowMs())))
    }
  }

  await step(startMs)
  await until(
    'all nodes are known',
    () => countNodes(clients),
    (count) => count === workload.nodes.length,
  )
  const refused: Refusal[] = []
  const jobsByTenant = new Map<string, number>()
  const submit = async (pod: TracePod) => {
    const tenant = tenantOfRow(clients, pod.row)
    const { jobId, refusal } = await submitPod(tenant, pod)
    if (refusal !== null) refused.push(refusal)
    if (jobId === null) return
    unsettled.push(jobId)
    jobsByTenant.set(tenant.slug, (jobsByTenant.get(tenant.slug) ?? 0) + 1)
  }
  for (let from = 0; from < workload.pods.length; from += AT_ONCE) {
    const pods = workload.pods.slice(from, from + AT_ONCE)
    await advanceTo(startMs + (pods.at(-1)?.createdSeconds ?? 0) * 1_000)
    await Promise.all(pods.map(submit))
    killer.submitted(from + pods.length)
    await killer.whenNotLate()
    await step(clock.nowMs())
  }
  killer.submitted(Number.POSITIVE_INFINITY) // what was still to come comes now
  await killer.ended
  await advanceTo(Math.max(clock.nowMs(), ...changes.map(({ atMs }) => atMs)))
  await step(clock.nowMs())
  for (let next = compute.nextTimerMs; next !== null; next = compute.nextTimerMs) await step(next)
  return { refused, jobsByTenant }
}

function changesOf({ startMs, cutOff }: DriveOptions): { atMs: number; isCutOff: boolean }[] {
  if (!cutOff) return []
  const fromMs = startMs + cutOff.fromSeconds * 1_000
  return [
    { atMs: fromMs, isCutOff: true },
    { atMs: fromMs + cutOff.forSeconds * 1_000, isCutOff: false },
  ]
}

async function withoutEnded({ askOperator }: ReplayClients, jobIds: readonly string[]): Promise<string[]> {
  const query = 'query Phase($id: ID!) { job(id: $id) { finishedAt } }'
  const answers = jobIds.map((id) => askOperator<{ job: { finishedAt: string | null } }>({ query, variables: { id } }))
  const ended = (await Promise.all(answers)).map(({ job }) => job.finishedAt !== null)
  return jobIds.filter((_, index) => !ended[index])
}

async function countNodes({ askOperator }: ReplayClients): Promise<number> {
  const { nodePools } = await askOperator<{ nodePools: { edges: { node: { nodeCount: number } }[] } }>({
    query: '{ nodePools(first: 200) { edges { node { nodeCount } } } }',
  })
  return nodePools.edges.reduce((sum, { node }) => sum + node.nodeCount, 0)
}
