import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { wallClock } from '../../platform/clocks.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import { createLog } from '../../platform/log.ts'
import { type ControlPlane, startControlPlane } from '../controlPlane.ts'
import { type CheckedExport, exportIntervals } from './exports.ts'
import { judge, type Verdict } from './judge.ts'
import type { Workload } from './load.ts'
import { type Refusal, submitPod } from './submit.ts'
import { type JobSummary, summarizeJobs } from './summary.ts'
import { createClients, type ReplayClients } from './tenants.ts'
import type { TracePod } from './trace.ts'
import { type ReplayWorld, replayTime, startWorld, type Through } from './world.ts'

export interface ReplayOptions {
  workload: Workload
  /** Times as fast as wall time, for watching; null: discrete-event time. */
  speed: number | null
  /** Where the exports are left. */
  outDir: string
  logLevel: string
  /** A fault on purpose, for the test that proves that a replay can fail. */
  dropMeteringRecord?: number
  /** Told once in a while: pods submitted so far, at which second of the trace. */
  onProgress?(submitted: number, seconds: number): void
}

export interface ReplayResult {
  submitted: number
  refused: Refusal[]
  jobs: JobSummary
  exports: CheckedExport[]
  requests: number
  verdict: Verdict
}

/** The trace's second 0 in domain time. */
export const START_MS = Date.UTC(2026, 0, 1)
const CLUSTER = 'replay'
const PARALLEL_SUBMISSIONS = 8
const PROGRESS_EVERY = 500

/** Sends every pod through the gateway at its time, lets all run to their end, and holds the ledger against the cluster. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { workload, speed, logLevel } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-replay-'))
  const time = replayTime(START_MS, speed)
  const log = createLog(logLevel)
  const control = await startControlPlane({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    clock: time.clock,
    wall: wallClock,
    log,
    // Thrown away at the end: nothing of it has to survive the machine.
    postgresSettings: { fsync: 'off', synchronous_commit: 'off' },
    onDatabaseLost: (reason) => {
      throw reason // nothing of a replay is worth keeping without its database
    },
  })
  const ends = [() => control.stop(), () => rm(dataDir, { recursive: true, force: true })]
  try {
    const { client } = await loadSecrets(dataDir)
    const world = await startWorld(
      {
        settings: {
          url: control.url,
          clientSecret: client,
          clusterName: CLUSTER,
          nodes: workload.nodes,
          clusterDir: null,
          startupSeconds: 0,
          logLevel,
        },
        time: time.shared,
        dropMeteringRecord: options.dropMeteringRecord ?? null,
      },
      time.clock,
    )
    ends.unshift(() => world.stop())
    const clients = await createClients(control.url, control.tokens.client)
    const through = await begin(control, world, clients, workload)
    const refused = await submitAll(options, control, world, clients, through)
    await runOut(world, through, clients, speed)

    const account = await world.account()
    const jobs = await summarizeJobs(clients)
    const range = { from: new Date(START_MS), to: new Date(time.clock.nowMs() + 1_000) }
    const exports = await exportIntervals(clients, range, options.outDir)
    const submitted = workload.pods.length
    return {
      submitted,
      refused,
      jobs,
      exports,
      requests: clients.requests,
      verdict: judge({ submitted, requests: clients.requests, account, exports, jobs }),
    }
  } finally {
    for (const end of ends) await end()
  }
}

/** Waits until the cluster's capacity and the tenants' namespaces are known everywhere. */
async function begin(
  control: ControlPlane,
  world: ReplayWorld,
  clients: ReplayClients,
  { nodes, pods }: Workload,
): Promise<Through> {
  const { clusterId } = world
  const through: Through = {
    tenants: await control.subgraphs.tenants.link.head(clusterId),
    inventory: await control.subgraphs.inventory.link.head(clusterId),
  }
  await world.settle(through)
  for (;;) {
    const { nodePools } = await clients.askOperator<{ nodePools: { edges: { node: { nodeCount: number } }[] } }>({
      query: '{ nodePools(first: 200) { edges { node { nodeCount } } } }',
    })
    if (nodePools.edges.reduce((sum, { node }) => sum + node.nodeCount, 0) === nodes.length) break
    await pause(50)
  }
  const [tenant] = clients.tenants
  const [pod] = pods
  if (tenant && pod) await submitPod(tenant, pod, true)
  return through
}

async function submitAll(
  { workload, onProgress }: ReplayOptions,
  control: ControlPlane,
  world: ReplayWorld,
  clients: ReplayClients,
  through: Through,
): Promise<Refusal[]> {
  const refused: Refusal[] = []
  let submitted = 0
  for (const pods of byInstant(workload.pods)) {
    const seconds = pods[0]?.createdSeconds ?? 0
    await world.advanceTo(START_MS + seconds * 1_000, through)
    for (let at = 0; at < pods.length; at += PARALLEL_SUBMISSIONS) {
      const answers = await Promise.all(pods.slice(at, at + PARALLEL_SUBMISSIONS).map((pod) => submitTo(clients, pod)))
      refused.push(...answers.filter((refusal) => refusal !== null))
    }
    through.jobs = await control.subgraphs.jobs.link.head(world.clusterId)
    await world.settle(through)
    const before = submitted
    submitted += pods.length
    if (Math.floor(before / PROGRESS_EVERY) !== Math.floor(submitted / PROGRESS_EVERY)) onProgress?.(submitted, seconds)
  }
  return refused
}

function submitTo({ tenants }: ReplayClients, pod: TracePod): Promise<Refusal | null> {
  const tenant = tenants[pod.row % tenants.length]
  if (!tenant) throw new Error('a replay has tenants')
  return submitPod(tenant, pod)
}

function byInstant(pods: readonly TracePod[]): TracePod[][] {
  return [...Map.groupBy(pods, ({ createdSeconds }) => createdSeconds).values()]
}

/** Until nothing happens any more by itself. */
async function runOut(
  world: ReplayWorld,
  through: Through,
  clients: ReplayClients,
  speed: number | null,
): Promise<void> {
  if (speed === null) {
    for (let next = world.nextTimerMs; next !== null; next = world.nextTimerMs) await world.advanceTo(next, through)
    return
  }
  for (;;) {
    const { jobs } = await clients.askOperator<{ jobs: { edges: object[] } }>({
      query: '{ jobs(phase: [PENDING, ADMITTED, RUNNING], first: 1) { edges { cursor } } }',
    })
    if (jobs.edges.length === 0) return
    await pause(1_000)
  }
}
