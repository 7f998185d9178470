import { assert, describe, test } from 'vitest'
import { aJob, aNode, aPod, aQueue, aRunning, aSnapshot } from '../testkit/builders.ts'
import { simulate } from './simulate.ts'
import { SnapshotWriter } from './snapshotText.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const limits = { horizonMs: 24 * HOUR_MS, isOver: () => false }
const whole = aPod({ gpus: 8 })
const nodes = [aNode('n1')]
/** Its grace and the minute in which it starts up count too. */
const runsFor = (ms: number) => ({ maxRuntimeMs: ms - MINUTE_MS, graceMs: 0 })
const startsOf = (forecast: ReturnType<typeof simulate>) =>
  Object.fromEntries(Array.from(forecast.starts, ([uid, { atMs }]) => [uid, atMs]))

describe('a forecast', () => {
  test('has those start now that the plan admits now, and the others as declared ends make room', () => {
    const snapshot = aSnapshot({
      nodes,
      running: [aRunning('r', 'n1/0+1+2+3+4+5+6+7', { endsAtMs: HOUR_MS })],
      jobs: [aJob('a', whole, runsFor(HOUR_MS)), aJob('b', whole, runsFor(HOUR_MS)), aJob('c', aPod())],
    })
    assert.deepEqual(startsOf(simulate(snapshot, 0, limits)), { c: 0, a: HOUR_MS, b: 2 * HOUR_MS })
  })

  test('knows no start behind whoever has declared no end', () => {
    const jobs = [aJob('a', whole), aJob('b', whole, runsFor(HOUR_MS))]
    const forecast = simulate(aSnapshot({ nodes, jobs }), 0, limits)
    assert.deepEqual(startsOf(forecast), { a: 0 })
    assert.equal(forecast.untilMs, 0)
  })

  test('counts a job that is later than it said as one that ends any moment', () => {
    const running = [aRunning('late', 'n1/0+1+2+3+4+5+6+7', { endsAtMs: 1000 })]
    const forecast = simulate(aSnapshot({ nodes, running, jobs: [aJob('a', whole)] }), HOUR_MS, limits)
    assert.deepEqual(startsOf(forecast), { a: HOUR_MS + 1000 })
  })

  test('gives what is stopped its grace, and tells who was', () => {
    const queues = [
      aQueue('root'),
      aQueue('rich', { parent: 'root' }),
      aQueue('lender', { parent: 'root', nominal: 8 }),
    ]
    const running = [aRunning('borrower', 'n1/0+1+2+3+4+5+6+7', { queue: 'rich' })]
    const jobs = [aJob('a', whole, { queue: 'lender' })]
    const forecast = simulate(aSnapshot({ nodes, queues, running, jobs }), 0, limits)
    assert.deepEqual([...forecast.stopped], ['borrower'])
    assert.deepEqual(startsOf(forecast), { a: 30_000 })
  })

  test('has whoever is stopped wait again in its old place, and start when there is room', () => {
    const queues = [
      aQueue('root'),
      aQueue('rich', { parent: 'root' }),
      aQueue('lender', { parent: 'root', nominal: 8 }),
    ]
    const running = [aRunning('borrower', 'n1/0+1+2+3+4+5+6+7', { queue: 'rich', endsAtMs: 3 * HOUR_MS })]
    const jobs = [
      aJob('a', whole, { queue: 'lender', ...runsFor(HOUR_MS) }),
      aJob('later', whole, { queue: 'rich', ...runsFor(HOUR_MS) }),
    ]
    const forecast = simulate(aSnapshot({ nodes, queues, running, jobs }), 0, limits)
    const backMs = 30_000 + HOUR_MS
    // It begins anew, and runs as long as it declared.
    assert.deepEqual(startsOf(forecast), { a: 30_000, later: backMs + 3 * HOUR_MS })
  })

  test('waits for the end of a backoff', () => {
    const jobs = [aJob('a', aPod(), { notBeforeMs: 5 * MINUTE_MS })]
    assert.deepEqual(startsOf(simulate(aSnapshot({ nodes, jobs }), 0, limits)), { a: 5 * MINUTE_MS })
  })

  test('ends at the horizon, and when it has taken long enough', () => {
    const jobs = Array.from({ length: 10 }, (_, i) => aJob(`j${i}`, whole, runsFor(HOUR_MS)))
    const snapshot = aSnapshot({ nodes, jobs })
    assert.equal(simulate(snapshot, 0, { ...limits, horizonMs: 3.5 * HOUR_MS }).starts.size, 4)
    let steps = 0
    assert.equal(simulate(snapshot, 0, { ...limits, isOver: () => ++steps === 3 }).starts.size, 3)
  })

  test('takes few steps, however many end one after another', () => {
    const many = [aNode('n1'), aNode('n2')]
    const jobs = Array.from({ length: 2000 }, (_, i) => aJob(`j${i}`, aPod({ gpus: 1 }), runsFor(MINUTE_MS + 1000 * i)))
    let steps = 0
    const forecast = simulate(aSnapshot({ nodes: many, jobs }), 0, {
      horizonMs: 7 * 24 * HOUR_MS,
      isOver: () => ++steps > 700,
    })
    assert.isAtMost(steps, 700)
    assert.equal(forecast.starts.size, 2000)
  })

  test('leaves the snapshot as it is', () => {
    const snapshot = aSnapshot({ nodes, jobs: [aJob('a', whole), aJob('b', whole)] })
    const before = new SnapshotWriter().write(snapshot)
    simulate(snapshot, 0, limits)
    assert.equal(new SnapshotWriter().write(snapshot), before)
  })
})
