import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { loadTrace, type Workload } from '../../../bin/replay/load.ts'
import { type ReplayOptions, type ReplayResult, replay } from '../../../bin/replay/replay.ts'
import { readNodes, readPods } from '../../../bin/replay/trace.ts'
import { type SyntheticTrace, writeSyntheticTrace } from './syntheticTrace.ts'

let folder = ''
/** Where a replay makes its own folder, so that what it leaves behind is seen. */
let scratch = ''
let trace: SyntheticTrace
let workload: Workload

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
  scratch = await mkdtemp(join(tmpdir(), 'scratch-'))
  await chmod(scratch, 0o711) // where this runs as root, Postgres does not
  vi.stubEnv('TMPDIR', scratch)
  trace = await writeSyntheticTrace(folder)
  const as = { nodesEvery: 1, maxRunSeconds: null, load: null, limit: null }
  workload = loadTrace(await readNodes(trace.nodesPath), await readPods(trace.podsPath), as)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await Promise.all([folder, scratch].map((each) => rm(each, { recursive: true, force: true })))
})

function run(options: Partial<ReplayOptions> = {}): Promise<ReplayResult> {
  return replay({ workload, speed: null, outDir: join(folder, 'exports'), logLevel: 'error', ...options })
}

describe('a trace that asks for more than there is', () => {
  let first: ReplayResult
  beforeAll(async () => {
    first = await run()
  })

  test('passes: the ledger is what the cluster kept by itself', () => {
    expect(first.verdict.findings.filter(({ holds }) => !holds)).toEqual([])
    expect(first.verdict.passed).toBe(true)
  })

  test('every pod went through the gateway and ran to its end', () => {
    expect(first).toMatchObject({ pods: trace.pods, refused: [] })
    expect(first.jobs).toMatchObject({ jobs: trace.pods, byPhase: { SUCCEEDED: trace.pods } })
    expect(first.requests).toBeGreaterThan(trace.pods)
  })

  test('each tenant is charged for exactly what its rows of the trace say', () => {
    const charged = first.exports.map(({ gpuSeconds }) => gpuSeconds)
    expect(charged).toEqual([0, 1, 2, 3].map((tenant) => trace.gpuSecondsOf(tenant)))
  })

  test('jobs waited for one another, in every class', () => {
    expect(Object.keys(first.jobs.waitsByClass).sort()).toEqual(['BATCH', 'INFERENCE', 'INTERACTIVE', 'TRAINING'])
    const longest = Object.values(first.jobs.waitsByClass).map(({ max }) => max)
    expect(Math.min(...longest)).toBeGreaterThan(0)
  })

  test('the exports are left behind, and nothing else', async () => {
    const lines = await Promise.all(first.exports.map(async ({ path }) => (await readFile(path, 'utf8')).split('\n')))
    expect(lines.map(({ length }) => length)).toEqual(first.exports.map(({ rows }) => rows + 2))
    expect(await readdir(scratch)).toEqual([])
  })

  test('comes to the same a second time', async () => {
    const second = await run()
    expect(second.jobs).toEqual(first.jobs)
    expect(second.allocation).toEqual(first.allocation)
    expect(second.exports.map(({ gpuSeconds, cost }) => ({ gpuSeconds, cost }))).toEqual(
      first.exports.map(({ gpuSeconds, cost }) => ({ gpuSeconds, cost })),
    )
  })
})

test('the end of one pod that metering never hears of fails the replay, and tenants are named', async () => {
  const { verdict } = await run({ forgetEndOfPod: 7 })
  expect(verdict.passed).toBe(false)
  // Whoever had the device after that pod is charged wrongly too.
  for (const { text } of verdict.findings.filter(({ holds }) => !holds)) {
    expect(text).toMatch(/^trace\d: the export has [\d.]+ GPU-seconds, the cluster kept [\d.]+$/)
  }
})

test('at a speed, for those who watch, the same holds', async () => {
  const pods = workload.pods.slice(0, 8).map((pod) => ({ ...pod, runSeconds: Math.min(pod.runSeconds, 60) }))
  const { verdict, jobs } = await run({ workload: { ...workload, pods }, speed: 40 })
  expect(verdict.findings.filter(({ holds }) => !holds)).toEqual([])
  expect(jobs.byPhase).toEqual({ SUCCEEDED: 8 })
})

describe('a replay that cannot go on', () => {
  test('says why its compute plane was lost, and leaves nothing behind', async () => {
    const [node] = workload.nodes
    const nodes = node === undefined ? [] : [{ ...node, name: 'No name for a node' }]
    await expect(run({ workload: { ...workload, nodes } })).rejects.toThrow(
      /compute plane of the replay was lost: .*"No name for a node"/,
    )
    expect(await readdir(scratch)).toEqual([])
  })

  test('ends when it is told to, and leaves nothing behind', async () => {
    const interrupted = new AbortController()
    const running = run({ signal: interrupted.signal, onProgress: () => interrupted.abort(new Error('enough')) })
    await expect(running).rejects.toThrow('enough')
    expect(await readdir(scratch)).toEqual([])
  })

  test('is not begun where it is told to end before', async () => {
    await expect(run({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
    expect(await readdir(scratch)).toEqual([])
  })
})
