import { expect, test } from 'vitest'
import { spreadOf, summarizeJobs, type ToldJob } from './summary.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
const job = (overrides: Partial<ToldJob> = {}): ToldJob => ({
  phase: 'SUCCEEDED',
  class: 'BATCH',
  submittedAt: at(0),
  admittedAt: at(0),
  ...overrides,
})

const spreads: Record<string, { values: number[]; want: object }> = {
  'of none there is nothing to say': { values: [], want: { jobs: 0, p50: 0, p90: 0, p99: 0, max: 0 } },
  'of one all is that one': { values: [7], want: { jobs: 1, p50: 7, p90: 7, p99: 7, max: 7 } },
  'of two the lower is the middle': { values: [9, 3], want: { jobs: 2, p50: 3, p90: 9, p99: 9, max: 9 } },
  'of a hundred, in any order, the 50th, 90th and 99th': {
    values: Array.from({ length: 100 }, (_, index) => 100 - index),
    want: { jobs: 100, p50: 50, p90: 90, p99: 99, max: 100 },
  },
  'a number is no text: 10 is more than 9': { values: [10, 9], want: { jobs: 2, p50: 9, p90: 10, p99: 10, max: 10 } },
}
for (const [name, { values, want }] of Object.entries(spreads)) {
  test(name, () => {
    expect(spreadOf(values)).toEqual(want)
  })
}

test('jobs are counted by phase, whether or not they were admitted', () => {
  const jobs = [job(), job(), job({ phase: 'PENDING', admittedAt: null })]
  expect(summarizeJobs(jobs)).toMatchObject({ jobs: 3, byPhase: { SUCCEEDED: 2, PENDING: 1 } })
})

test('waits are told by class, from submission to admission, of those that were admitted', () => {
  const { waitsByClass } = summarizeJobs([
    job({ admittedAt: at(5) }),
    job({ submittedAt: at(3), admittedAt: at(4) }),
    job({ phase: 'PENDING', admittedAt: null }),
    job({ class: 'TRAINING', submittedAt: at(10), admittedAt: at(30) }),
  ])
  expect(waitsByClass).toEqual({
    BATCH: { jobs: 2, p50: 1, p90: 5, p99: 5, max: 5 },
    TRAINING: { jobs: 1, p50: 20, p90: 20, p99: 20, max: 20 },
  })
})

test('an admission told in whole seconds is never before its submission', () => {
  const submittedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, 5, 400)).toISOString()
  expect(summarizeJobs([job({ submittedAt, admittedAt: at(5) })]).waitsByClass.BATCH?.max).toBe(0)
})
