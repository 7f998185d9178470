import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTrace } from '../../bin/replay/load.ts'
import { readNodes, readPods } from '../../bin/replay/trace.ts'
import { writeSyntheticTrace } from '../acceptance/replay/syntheticTrace.ts'
import { seeded } from '../testkit/seeded.ts'
import { killedReplay } from './replay/killedReplay.ts'
import { planKills } from './replay/kills.ts'

/** A failure is run again with the seed that its name tells; the proof lane runs more of them, on a production trace. */
const seed = Number(process.env.SLUICE_SEED ?? 1)
const PODS = 150
const AS_IT_IS = { nodesEvery: 1, maxRunSeconds: null, load: null, limit: null }

test(`a replay in which every role is killed comes to the same as one left alone (SLUICE_SEED=${seed})`, async ({
  onTestFinished,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'trace-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const { nodesPath, podsPath } = await writeSyntheticTrace(folder, PODS)
  const workload = loadTrace(await readNodes(nodesPath), await readPods(podsPath), AS_IT_IS)
  const kills = planKills(seeded(seed), PODS)

  const result = await killedReplay({ workload, kills, onEnd: onTestFinished })
  expect(result.findings.filter(({ holds }) => !holds)).toEqual([])
  expect(result.kills).toEqual(kills)
  expect(result.resumptions).toBeGreaterThan(0)
}, 300_000)
