import { expect } from 'vitest'
import { loadTrace } from '../../bin/replay/load.ts'
import { readNodes, readPods } from '../../bin/replay/trace.ts'
import { dataDisk, type LogPlace } from '../faults/replay/dataDisk.ts'
import { killedReplay } from '../faults/replay/killedReplay.ts'
import type { Kill } from '../faults/replay/kills.ts'
import { trace, traceTest } from '../testkit/trace.ts'

const PODS = 300
const LOADED = { nodesEvery: 20, maxRunSeconds: 86_400, load: 1.3, limit: PODS }
/** Twice: what was full once is full again. */
const FULL: Kill[] = [80, 200].map((afterSubmissions) => ({
  role: 'disk',
  afterSubmissions,
  event: 'RUNNING',
  nth: 2,
  awayForSubmissions: 0,
}))

const WHAT_HAPPENS: Record<LogPlace, string> = {
  elsewhere: 'writes are refused, reads go on, and with room again all does without a hand',
  'on the same disk': 'the server ends, and once it is started again all goes on',
}
for (const log of ['elsewhere', 'on the same disk'] as const) {
  traceTest(
    `the data of Postgres has no room, its log lies ${log}: ${WHAT_HAPPENS[log]}; nothing is lost`,
    async (t) => {
      const disk = await dataDisk(t, log)
      const workload = loadTrace(await readNodes(trace.nodes), await readPods(trace.pods), LOADED)
      const result = await killedReplay({ workload, kills: FULL, disk, onEnd: t.onTestFinished })
      expect(result.findings.filter(({ holds }) => !holds)).toEqual([])
      expect(result.kills).toEqual(FULL)
    },
  )
}
