import { assert, expect, test } from 'vitest'
import { runSimulated } from './simulated.ts'
import { leastMs, type Trace } from './trace.ts'

const QUOTA = { trees: 1, queuesPerTree: 2, nominalCpu: 4, borrowingLimitCpu: 4 }
const small = { name: 'small', jobClass: 'BATCH', count: 40, cpu: 1, runMs: 200, everyMs: 10 } as const
const large = { name: 'large', jobClass: 'INTERACTIVE', count: 1, cpu: 4, runMs: 500, everyMs: 450 } as const

test('queues that ask for more than they have empty without a pause, and nobody is stopped', async () => {
  const trace: Trace = { ...QUOTA, kinds: [small] }
  const { makespanSeconds, evictions, heldUtilisation } = await runSimulated(trace)
  // The first job comes after 10 ms, and then as many run as there are cores, which 40 jobs fill after 40 ms.
  expect(makespanSeconds).toBeGreaterThanOrEqual(leastMs(trace) / 1_000)
  expect(makespanSeconds).toBeLessThan(leastMs(trace) / 1_000 + 0.05)
  assert.equal(evictions, 0)
  expect(heldUtilisation).toBeGreaterThan(0.97)
})

test('a job that goes before stops others at once, which begin anew', async () => {
  const { meanWaitSeconds, evictions, workLostCoreSeconds } = await runSimulated({ ...QUOTA, kinds: [small, large] })
  assert.equal(meanWaitSeconds.large, 0)
  assert.equal(evictions, 8)
  expect(workLostCoreSeconds).toBeGreaterThan(0)
})
