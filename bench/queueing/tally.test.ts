import { expect, test } from 'vitest'
import { Tally } from './tally.ts'
import { type JobKind, jobsOf, type TraceJob } from './trace.ts'

const kind: JobKind = { name: 'medium', jobClass: 'BATCH', count: 2, cpu: 5, runMs: 1_000, everyMs: 100 }
const trace = { trees: 1, queuesPerTree: 1, nominalCpu: 10, borrowingLimitCpu: 0, kinds: [kind] }
const [first, second] = jobsOf(trace) as [TraceJob, TraceJob]

test('waits end with the first admission, and what an evicted job has done is lost but was held', () => {
  const tally = new Tally()
  tally.created(first, 0)
  tally.created(second, 0)
  tally.admitted(first, 100)
  tally.admitted(second, 300)
  tally.evicted(first, 600)
  tally.finish(second, 1_300)
  tally.admitted(first, 1_000)
  tally.finish(first, 2_000)
  expect(tally.figures([kind], 10)).toEqual({
    makespanSeconds: 2,
    meanWaitSeconds: { medium: 0.2 },
    evictions: 1,
    workLostCoreSeconds: 2.5,
    usefulUtilisation: 0.5,
    heldUtilisation: 0.625,
  })
})
