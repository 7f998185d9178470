import { assert, describe, test } from 'vitest'
import type { RunningJob } from '../model/running.ts'
import { admitted, aJob, aNode, aPod, aQueue, aRunning, aSnapshot, waiting } from '../testkit/builders.ts'
import { type Plan, plan } from './plan.ts'

const NOW_MS = 3_600_000
/** "job: victims" of every preemption. */
const stops = ({ preemptions }: Plan) => preemptions.map(({ job, victims }) => `${job.uid}: ${victims.join(' ')}`)
const whole = (gpus: number) => aPod({ gpus })

describe('within a queue', () => {
  const [batch, other] = [aRunning('batch', 'n1/0+1+2+3'), aRunning('other', 'n1/4+5+6+7', { priority: 200 })]
  const full = (job = aJob('urgent', whole(2), { priority: 300 }), running: RunningJob[] = [batch, other]) =>
    plan(aSnapshot({ nodes: [aNode('n1')], running, jobs: [job] }), NOW_MS)

  test('a job has those of lower priority stopped, the lowest first, and waits until they are gone', () => {
    const decided = full()
    assert.deepEqual(stops(decided), ['urgent: batch'])
    assert.deepEqual(waiting(decided), { urgent: 'WaitingForPreemptedWorkloads' })
    assert.deepEqual(admitted(decided), [])
  })

  test('nobody is stopped for a job of the same priority (R21)', () => {
    assert.deepEqual(stops(full(aJob('equal', whole(2), { priority: 100 }))), [])
  })

  test('nobody is stopped where it would not be enough', () => {
    assert.deepEqual(stops(full(aJob('huge', whole(8), { priority: 200 }))), [])
  })

  test('nobody is stopped for a job whose pods preempt nobody (R21)', () => {
    assert.deepEqual(stops(full(aJob('polite', whole(2), { priority: 300, mayPreempt: false }))), [])
  })

  test('a job that is not preemptible goes on', () => {
    const running = [{ ...batch, preemptible: false }, other]
    assert.deepEqual(stops(full(undefined, running)), ['urgent: other'])
  })

  test('no more pods are stopped than their disruption budgets allow, those on their way out among them (R21)', () => {
    const under = (allowed: number) => ({ budgets: [{ name: 't/keep', allowed }] })
    const three = (allowed: number) =>
      ['a', 'b', 'c'].map((uid, i) => aRunning(uid, `n1/${2 * i}+${2 * i + 1}`, under(allowed)))
    const busy = (allowed: number) => [...three(allowed), aRunning('system', 'n1/6+7', { preemptible: false })]
    const [a, ...others] = three(2)
    assert.deepEqual(stops(full(aJob('urgent', whole(4), { priority: 300 }), busy(2))), ['urgent: a b'])
    assert.deepEqual(stops(full(aJob('urgent', whole(4), { priority: 300 }), busy(1))), [])
    assert.deepEqual(stops(full(aJob('urgent', whole(1), { priority: 300 }), busy(0))), [])
    const going = [{ ...(a as RunningJob), isGoing: true }, ...others]
    assert.deepEqual(stops(full(aJob('urgent', whole(8), { priority: 300 }), going)), [])
  })

  test('two jobs have no more stopped between them than one budget allows', () => {
    const budgets = [{ name: 't/keep', allowed: 1 }]
    const running = [aRunning('a', 'n1/0+1+2+3', { budgets }), aRunning('b', 'n1/4+5+6+7', { budgets })]
    const jobs = ['first', 'second'].map((uid) => aJob(uid, whole(4), { priority: 300 }))
    const decided = plan(aSnapshot({ nodes: [aNode('n1')], running, jobs }), NOW_MS)
    assert.equal(decided.preemptions.length, 1)
  })

  test('no more are stopped than needed: of many that were looked at, those that make no room go on', () => {
    const nodes = [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 4 })]
    const running = [aRunning('a', 'n1/0'), aRunning('b', 'n2/0+1+2+3'), aRunning('c', 'n1/1+2+3', { priority: 250 })]
    const decided = plan(aSnapshot({ nodes, running, jobs: [aJob('urgent', whole(4), { priority: 300 })] }), NOW_MS)
    assert.deepEqual(stops(decided), ['urgent: b'])
  })

  test('of equals, those that lose least work are stopped', () => {
    const running = [
      aRunning('old', 'n1/0+1+2+3', { admittedAtMs: 0 }),
      aRunning('young', 'n1/4+5+6+7', { admittedAtMs: NOW_MS - 60_000 }),
    ]
    assert.deepEqual(stops(full(undefined, running)), ['urgent: young'])
  })

  test('a gang is stopped whole, and for all it holds', () => {
    const nodes = [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 4 })]
    const running = [aRunning('gang', 'n1/0+1+2+3 n2/0+1+2+3')]
    const jobs = [aJob('one', whole(4), { priority: 300 }), aJob('two', whole(4), { priority: 300 })]
    const decided = plan(aSnapshot({ nodes, running, jobs }), NOW_MS)
    assert.deepEqual(stops(decided), ['one: gang'])
    assert.deepEqual(waiting(decided), {
      one: 'WaitingForPreemptedWorkloads',
      two: 'WaitingForPreemptedWorkloads',
    })
  })
})

describe('a queue’s least run time', () => {
  const queues = [aQueue('default', { minRuntimeMs: 600_000 })]
  const at = (nowMs: number) =>
    plan(
      aSnapshot({
        nodes: [aNode('n1', { gpus: 4 })],
        queues,
        running: [aRunning('batch', 'n1/0+1+2+3', { admittedAtMs: 1_000_000 })],
        jobs: [aJob('urgent', whole(2), { priority: 300 })],
      }),
      nowMs,
    )

  test('protects its jobs to the millisecond, and a plan is made when it is over (R13)', () => {
    const before = at(1_599_999)
    assert.deepEqual(stops(before), [])
    assert.equal(before.againAtMs, 1_600_000)
    assert.deepEqual(stops(at(1_600_000)), ['urgent: batch'])
  })
})

describe('across queues', () => {
  //  top (8)
  //  ├─ lender (6)
  //  └─ borrower (2)
  const queues = [
    aQueue('top', { nominal: 8 }),
    aQueue('lender', { parent: 'top', nominal: 6 }),
    aQueue('borrower', { parent: 'top', nominal: 2 }),
  ]
  const lent = [
    aRunning('own', 'n1/0+1', { queue: 'borrower', admittedAtMs: 0 }),
    aRunning('first', 'n1/2+3+4', { queue: 'borrower', priority: 400, admittedAtMs: 1_000_000 }),
    aRunning('second', 'n1/5+6+7', { queue: 'borrower', priority: 400, admittedAtMs: 2_000_000 }),
  ]
  const reclaim = (gpus: number, running = lent, queue = 'lender') =>
    plan(aSnapshot({ nodes: [aNode('n1')], queues, running, jobs: [aJob('back', whole(gpus), { queue })] }), NOW_MS)

  test('a lender gets back what it has lent, whatever the priority of who has it', () => {
    assert.deepEqual(stops(reclaim(3, lent.slice(1).concat(aRunning('own', 'n1/0+1', { queue: 'lender' })))), [
      'back: second',
    ])
  })

  test('nobody is brought below its own (R17)', () => {
    assert.deepEqual(stops(reclaim(6)), ['back: second first'])
  })

  test('nothing is taken back for what would be beyond the lender’s own', () => {
    assert.deepEqual(stops(reclaim(7)), [])
  })

  test('a borrower takes nothing from a lender', () => {
    const running = [
      aRunning('lenders', 'n1/0+1+2+3+4+5', { queue: 'lender' }),
      aRunning('own', 'n1/6+7', { queue: 'borrower' }),
    ]
    assert.deepEqual(stops(reclaim(2, running, 'borrower')), [])
  })
})

describe('while the stopped ones are ending', () => {
  const urgent = aJob('urgent', whole(4), {
    priority: 300,
    nomination: { assignment: { flavor: 'a100', slots: [{ node: 'n1', devices: [0, 1, 2, 3] }] }, victims: ['batch'] },
  })
  const going = aRunning('batch', 'n1/0+1+2+3', { isGoing: true })
  const rest = aRunning('rest', 'n1/4+5+6+7')

  test('no others are stopped', () => {
    const decided = plan(aSnapshot({ nodes: [aNode('n1')], running: [going, rest], jobs: [urgent] }), NOW_MS)
    assert.deepEqual(stops(decided), [])
    assert.deepEqual(waiting(decided), { urgent: 'WaitingForPreemptedWorkloads' })
  })

  test('nobody else gets what they leave, not even by a higher priority', () => {
    const jobs = [urgent, aJob('higher', whole(2), { priority: 400 })]
    const decided = plan(aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], running: [], jobs }), NOW_MS)
    assert.deepEqual(admitted(decided), ['urgent → n1/0+1+2+3'])
  })

  test('those that were chosen and not stopped, as after a crash, are stopped before any other', () => {
    const running = [
      { ...going, isGoing: false, admittedAtMs: 0 },
      aRunning('cheaper', 'n1/4+5+6+7', { admittedAtMs: NOW_MS }),
    ]
    const decided = plan(aSnapshot({ nodes: [aNode('n1')], running, jobs: [urgent] }), NOW_MS)
    assert.deepEqual(stops(decided), ['urgent: batch'])
  })
})
