import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTrace, type Workload } from '../../bin/replay/load.ts'
import { readNodes, readPods } from '../../bin/replay/trace.ts'
import { writeSyntheticTrace } from '../acceptance/replay/syntheticTrace.ts'
import { seeded } from '../testkit/seeded.ts'
import { killedReplay, START_MS } from './replay/killedReplay.ts'
import { planKills } from './replay/kills.ts'

/** A failure is run again with the seed that its name tells; the proof lane runs more of them, on a production trace. */
const seed = Number(process.env.SLUICE_SEED ?? 1)
const PODS = 100
const AS_IT_IS = { nodesEvery: 1, maxRunSeconds: null, load: null, limit: null }

async function syntheticWorkload(pods: number): Promise<Workload> {
  const folder = await mkdtemp(join(tmpdir(), 'trace-'))
  try {
    const { nodesPath, podsPath } = await writeSyntheticTrace(folder, pods)
    return loadTrace(await readNodes(nodesPath), await readPods(podsPath), AS_IT_IS)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test(`a replay in which every role is killed comes to the same as one left alone (R03, SLUICE_SEED=${seed})`, async ({
  onTestFinished,
}) => {
  const workload = await syntheticWorkload(PODS)
  const kills = planKills(seeded(seed), PODS, 0)
  const result = await killedReplay({ workload, kills, onEnd: onTestFinished })
  expect(result.findings.filter(({ holds }) => !holds)).toEqual([])
  expect(result.kills).toEqual(kills)
  expect(result.resumptions).toBeGreaterThan(0)
}, 300_000)

test('cut off from the control plane for an hour, a cluster goes on with what it has and tells all of it afterwards', async ({
  onTestFinished,
}) => {
  const SLOWER = 15
  const { nodes, pods } = await syntheticWorkload(60)
  const slow = pods.map((pod) => ({
    ...pod,
    createdSeconds: pod.createdSeconds * SLOWER,
    runSeconds: pod.runSeconds * SLOWER,
  }))
  const cutOff = { fromSeconds: 1_000, forSeconds: 3_600 }
  const result = await killedReplay({ workload: { nodes, pods: slow }, kills: [], cutOff, onEnd: onTestFinished })
  expect(result.findings.filter(({ holds }) => !holds)).toEqual([])

  const fromMs = START_MS + cutOff.fromSeconds * 1_000
  const untilMs = fromMs + cutOff.forSeconds * 1_000
  const isWithin = (ms: number) => fromMs < ms && ms < untilMs
  const happened = result.events.filter(({ at }) => isWithin(Date.parse(at)))
  const typesSeen = (events: typeof happened) => new Set(events.map(({ type }) => type))
  expect(typesSeen(happened.filter(({ seenAtMs }) => seenAtMs < untilMs))).toContain('SUBMITTED')
  const byCluster = happened.filter(({ type }) => ['ADMITTED', 'RUNNING', 'SUCCEEDED'].includes(type))
  expect(byCluster).not.toEqual([])
  expect(byCluster.filter(({ seenAtMs }) => seenAtMs < untilMs)).toEqual([])
  expect(result.intervals.filter(({ endMs }) => isWithin(endMs))).not.toEqual([])
}, 300_000)
