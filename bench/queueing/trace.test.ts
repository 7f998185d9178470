import { assert, expect, test } from 'vitest'
import { capacityOf, jobsOf, leastMs, queuesOf, TRACES, type Trace } from './trace.ts'

const trace = (name: string) => TRACES[name] as Trace

test('the traces are as large as those of Kueue, and take as long at least', () => {
  expect(jobsOf(trace('kueue-baseline'))).toHaveLength(15_000)
  expect(jobsOf(trace('kueue-large'))).toHaveLength(50_000)
  assert.equal(leastMs(trace('kueue-baseline')), 66_000)
  assert.equal(capacityOf(trace('kueue-baseline')), 600)
})

test('jobs come in the order in which they are due, the last when the trace says', () => {
  const jobs = jobsOf(trace('kueue-baseline'))
  expect(jobs.map(({ dueMs }) => dueMs)).toEqual(jobs.map(({ dueMs }) => dueMs).sort((a, b) => a - b))
  assert.equal(jobs[0]?.dueMs, 100)
  assert.equal(jobs.at(-1)?.dueMs, 60_000)
})

test('names are of one job each, and a tree has a namespace of its own', () => {
  const large = trace('kueue-large')
  assert.equal(new Set(jobsOf(large).map(({ name }) => name)).size, 50_000)
  assert.equal(new Set(queuesOf(large).map(({ queue }) => queue)).size, 1_000)
  assert.equal(new Set(queuesOf(large).map(({ namespace }) => namespace)).size, 10)
})
