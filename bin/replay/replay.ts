import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wallClock } from '../../platform/clocks.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import { createLog } from '../../platform/log.ts'
import { startControlPlane } from '../controlPlane.ts'
import { askGraph } from '../graphClient.ts'
import { type Allocation, allocationOverTime } from './allocation.ts'
import { drive } from './drive.ts'
import { exportIntervals, type TenantExport } from './exports.ts'
import { judge, type Verdict } from './judge.ts'
import type { Workload } from './load.ts'
import type { Refusal } from './submit.ts'
import { type JobSummary, readJobs, summarizeJobs } from './summary.ts'
import { createClients } from './tenants.ts'
import { readingClock, shareTime } from './time.ts'
import { startWorld } from './world.ts'

export interface ReplayOptions {
  workload: Workload
  /** Times as fast as wall time, for watching; null: discrete-event time. */
  speed: number | null
  /** Where the exports are left. */
  outDir: string
  logLevel: string
  /** Ends the replay, which then rejects with its reason. */
  signal?: AbortSignal
  /** A fault on purpose, which must make the replay fail: the end of which pod with devices, from 1, metering never hears of. */
  forgetEndOfPod?: number
  /** Told at the beginning and once in a while: pods submitted so far, at which second of the trace. */
  onProgress?(submitted: number, seconds: number): void
}

export interface ReplayResult {
  pods: number
  refused: Refusal[]
  jobs: JobSummary
  allocation: Allocation[]
  requests: number
  exports: Omit<TenantExport, 'intervals'>[]
  verdict: Verdict
}

/** The trace's second 0 in domain time. */
const START_MS = Date.UTC(2026, 0, 1)
const CLUSTER = 'replay'
const ALLOCATION_PARTS = 20

/**
 * Sends every pod through the gateway at its time, lets all run to their end, and holds the ledger against
 * the cluster. Runs in a folder and in processes of its own, of which nothing is left but the exports.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { signal } = options
  const trouble = Promise.withResolvers<never>()
  trouble.promise.catch(() => {}) // it may come while nobody waits
  const interrupt = () => trouble.reject(signal?.reason)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', interrupt)
  await using ends = new AsyncDisposableStack()
  ends.defer(() => signal?.removeEventListener('abort', interrupt))
  return await Promise.race([run(options, ends, trouble.reject), trouble.promise])
}

/** @param onTrouble what makes it pointless to go on, and may leave the rest waiting */
async function run(
  options: ReplayOptions,
  ends: AsyncDisposableStack,
  onTrouble: (reason: Error) => void,
): Promise<ReplayResult> {
  const { workload, logLevel, outDir } = options
  const time = shareTime(START_MS, options.speed)
  const clock = readingClock(time)
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-replay-'))
  ends.defer(() => rm(dataDir, { recursive: true, force: true }))
  const control = await startControlPlane({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    clock,
    wall: wallClock,
    log: createLog(logLevel),
    // Thrown away at the end: nothing of it has to survive the machine.
    postgresSettings: { fsync: 'off', synchronous_commit: 'off' },
    onDatabaseLost: ({ message }) => onTrouble(new Error(`The replay's database was lost. ${message}`)),
  })
  ends.defer(control.stop)
  const { client: clientSecret } = await loadSecrets(dataDir)
  const world = await startWorld(
    {
      settings: {
        url: control.url,
        clientSecret,
        clusterName: CLUSTER,
        nodes: workload.nodes,
        clusterDir: null,
        startupSeconds: 0,
        logLevel,
      },
      time,
      forgetEndOfPod: options.forgetEndOfPod ?? null,
    },
    clock,
    onTrouble,
  )
  ends.defer(world.stop)

  const clients = await createClients(
    (token, operation) => askGraph(control.url, token, operation),
    control.tokens.client,
  )
  const onProgress = options.onProgress ?? (() => {})
  const refused = await drive({ control, world, clients, workload, startMs: START_MS, onProgress })

  const account = await world.account()
  const jobs = summarizeJobs(await readJobs(clients))
  const range = { from: new Date(START_MS), to: new Date(clock.nowMs() + 1_000) }
  const exports: TenantExport[] = []
  for (const tenant of clients.tenants) exports.push(await exportIntervals(tenant, range, outDir))
  const { requests } = clients
  const pods = workload.pods.length
  return {
    pods,
    refused,
    jobs,
    allocation: allocationOverTime(
      exports.flatMap(({ intervals }) => intervals),
      ALLOCATION_PARTS,
    ),
    requests,
    exports: exports.map(({ intervals: _, ...rest }) => rest),
    verdict: judge({ pods, refused, requests, account, exports, jobs }),
  }
}
