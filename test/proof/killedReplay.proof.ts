import { expect, onTestFinished } from 'vitest'
import { loadTrace } from '../../bin/replay/load.ts'
import { readNodes, readPods } from '../../bin/replay/trace.ts'
import { killedReplay } from '../faults/replay/killedReplay.ts'
import { planKills } from '../faults/replay/kills.ts'
import { seeded } from '../testkit/seeded.ts'
import { trace, traceTest } from '../testkit/trace.ts'

const PODS = 1_000
/** Beyond one of each role. */
const MORE_KILLS = 3
const LOADED = { nodesEvery: 20, maxRunSeconds: 86_400, load: 1.3, limit: PODS }
const ALL_SEEDS = Array.from({ length: 20 }, (_, index) => index + 1)
const SEEDS = process.env.SLUICE_SEED ? [Number(process.env.SLUICE_SEED)] : ALL_SEEDS

for (const seed of SEEDS) {
  traceTest(`1,000 pods pass while every role is killed (SLUICE_SEED=${seed})`, async () => {
    const workload = loadTrace(await readNodes(trace.nodes), await readPods(trace.pods), LOADED)
    const kills = planKills(seeded(seed), PODS, MORE_KILLS)
    const result = await killedReplay({ workload, kills, onEnd: onTestFinished })
    expect(result.findings.filter(({ holds }) => !holds)).toEqual([])
    expect(result.kills).toEqual(kills)
    expect(result.resumptions).toBeGreaterThan(0)
  })
}
