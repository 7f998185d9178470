import { assert, describe, test } from 'vitest'
import { gangOf } from '../model/gang.ts'
import {
  admitted,
  aJob,
  aNode,
  aPod,
  aQueue,
  aRunning,
  aSnapshot,
  carryOut,
  end,
  grown,
  waiting,
} from '../testkit/builders.ts'
import { describeCause } from './describe.ts'
import { plan } from './plan.ts'

const oneGpu = aPod({ gpus: 1 })

describe('an elastic job', () => {
  test('gets all that it asks for where there is room', () => {
    const job = aJob('a', oneGpu, { slots: 1, most: 4 })
    assert.deepEqual(admitted(plan(aSnapshot({ nodes: [aNode('n1')], jobs: [job] }), 0)), ['a → n1/0 n1/1 n1/2 n1/3'])
  })

  test('gets as many as there are where it cannot have all', () => {
    const job = aJob('a', oneGpu, { slots: 2, most: 8 })
    const snapshot = aSnapshot({ nodes: [aNode('n1', { gpus: 3 })], jobs: [job] })
    assert.deepEqual(admitted(plan(snapshot, 0)), ['a → n1/0 n1/1 n1/2'])
  })

  test('gets as many as its quota allows', () => {
    const job = aJob('a', oneGpu, { slots: 1, most: 8 })
    const snapshot = aSnapshot({ nodes: [aNode('n1')], queues: [aQueue('default', { nominal: 5 })], jobs: [job] })
    assert.equal(plan(snapshot, 0).admissions[0]?.assignment.slots.length, 5)
  })

  test('goes where it can have most, if it cannot have all anywhere', () => {
    const nodes = [aNode('n1', { gpus: 2 }), aNode('n2', { gpus: 5, flavor: 'h100' })]
    const job = aJob('a', oneGpu, { slots: 1, most: 8 })
    const [admission] = plan(aSnapshot({ nodes, jobs: [job] }), 0).admissions
    assert.equal(admission?.assignment.flavor, 'h100')
    assert.equal(admission?.assignment.slots.length, 5)
  })

  test('is left out where not even its fewest fit, and the reason speaks of those', () => {
    const job = aJob('a', oneGpu, { slots: 3, most: 8 })
    const running = aRunning('r', 'n1/0+1')
    const decided = plan(aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], running: [running], jobs: [job] }), 0)
    assert.deepEqual(waiting(decided), { a: 'InsufficientGpus' })
    const [{ cause } = assert.fail()] = decided.explanations
    assert.match(describeCause(cause).message, /^It needs at least 3 of its 8 pods of 1 GPU/)
  })

  test('that could never have its fewest is told what would help', () => {
    const job = aJob('a', oneGpu, { slots: 3, most: 8 })
    const quota = aSnapshot({
      nodes: [aNode('n1')],
      queues: [aQueue('default', { nominal: 2, borrowing: 0 })],
      jobs: [job],
    })
    const small = aSnapshot({ nodes: [aNode('n1', { gpus: 2 })], jobs: [job] })
    const words = [quota, small].map((snapshot) => {
      const [{ cause } = assert.fail()] = plan(snapshot, 0).explanations
      return describeCause(cause)
    })
    assert.match(words[0]?.message ?? '', /^With at least 3 of its 8 pods it needs 3 GPUs/)
    assert.match(words[1]?.fix ?? '', /start with 2 such pods/)
  })

  test('has others stopped for its fewest only', () => {
    const job = aJob('a', oneGpu, { slots: 2, most: 4, priority: 200 })
    const running = [0, 1, 2, 3].map((i) => aRunning(`r${i}`, `n1/${i}`))
    const { preemptions } = plan(aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], running, jobs: [job] }), 0)
    assert.equal(preemptions[0]?.victims.length, 2)
    assert.equal(preemptions[0]?.assignment.slots.length, 2)
  })

  test('has places kept for its fewest only', () => {
    const job = aJob('a', oneGpu, { slots: 2, most: 4, mayPreempt: false })
    const running = [0, 1, 2, 3].map((i) => aRunning(`r${i}`, `n1/${i}`, { endsAtMs: 1_000 * (i + 1) }))
    const { reservations } = plan(aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], running, jobs: [job] }), 0)
    assert.equal(reservations[0]?.assignment.slots.length, 2)
    assert.equal(reservations[0]?.startsAtMs, 2_000)
  })
})

describe('an elastic job that runs with fewer slots than it asked for', () => {
  const elastic = (uid: string, places: string, lacks: number) =>
    aRunning(uid, places, { lacks, gang: gangOf(places.split(' ').length, oneGpu) })

  test('is given what is free, as far as it goes', () => {
    const snapshot = aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], running: [elastic('e', 'n1/0 n1/1', 6)] })
    const decided = plan(snapshot, 0)
    assert.deepEqual(grown(decided), ['e + n1/2 n1/3'])
    carryOut(snapshot, decided)
    assert.deepEqual(grown(plan(snapshot, 0)), [])
    assert.equal(snapshot.running.get('e')?.lacks, 4)
  })

  test('is given no more than it asked for', () => {
    const snapshot = aSnapshot({ nodes: [aNode('n1')], running: [elastic('e', 'n1/0', 2)] })
    assert.deepEqual(grown(plan(snapshot, 0)), ['e + n1/1 n1/2'])
  })

  test('is given what its quota leaves', () => {
    const running = [elastic('e', 'n1/0', 6)]
    const snapshot = aSnapshot({ nodes: [aNode('n1')], queues: [aQueue('default', { nominal: 3 })], running })
    assert.deepEqual(grown(plan(snapshot, 0)), ['e + n1/1 n1/2'])
  })

  test('comes after all who wait', () => {
    const running = [elastic('e', 'n1/0', 6)]
    const jobs = [aJob('a', aPod({ gpus: 2 }), { priority: 1 })]
    const decided = plan(aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], running, jobs }), 0)
    assert.equal(admitted(decided).length, 1)
    assert.deepEqual(
      grown(decided).map((growth) => growth.split(' ').length - 2),
      [1],
    )
  })

  test('is given nothing that is kept for one who waits', () => {
    const running = [elastic('e', 'n1/0', 6), aRunning('r', 'n1/1', { endsAtMs: 1_000 })]
    const jobs = [aJob('a', aPod({ gpus: 3 }), { mayPreempt: false })]
    const decided = plan(aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], running, jobs }), 0)
    assert.equal(decided.reservations[0]?.job.uid, 'a')
    assert.deepEqual(grown(decided), [])
  })

  test('stays in its flavor, and in the domain in which all its pods have to be', () => {
    const rack = (name: string, label: string, flavor = 'a100') =>
      aNode(name, { gpus: 2, flavor, labels: { rack: label } })
    const nodes = [rack('n1', 'x'), rack('n2', 'y'), rack('n3', 'x'), rack('n4', 'x', 'h100')]
    const gang = gangOf(1, oneGpu, { required: 'rack', preferred: null })
    const snapshot = aSnapshot({ nodes, running: [aRunning('e', 'n1/0', { lacks: 7, gang })] })
    snapshot.topologyLevels = [{ name: 'rack', nodeLabel: 'rack' }]
    const [{ places } = assert.fail()] = plan(snapshot, 0).growths
    assert.sameMembers(
      places.map(({ node }) => node),
      ['n1', 'n3', 'n3'],
    )
  })

  const closed = {
    'is held': [aQueue('default', { stopPolicy: 'Hold' })],
    'hangs on a parent that is missing': [aQueue('default', { parent: 'nobody' })],
    'is not there': [],
  }
  for (const [what, queues] of Object.entries(closed)) {
    test(`is not given anything where its queue ${what}`, () => {
      const snapshot = aSnapshot({ nodes: [aNode('n1')], queues, running: [elastic('e', 'n1/0', 6)] })
      assert.deepEqual(grown(plan(snapshot, 0)), [])
    })
  }

  test('does not overtake whoever waits in a queue that is StrictFIFO', () => {
    const queues = [aQueue('default', { strategy: 'StrictFIFO' })]
    const running = [elastic('e', 'n1/0', 6)]
    const waiting = aSnapshot({ nodes: [aNode('n1')], queues, running, jobs: [aJob('a', aPod({ gpus: 8 }))] })
    assert.deepEqual(grown(plan(waiting, 0)), [])
    const alone = aSnapshot({ nodes: [aNode('n1')], queues, running })
    assert.equal(grown(plan(alone, 0)).length, 1)
  })

  test('is not given anything while it is being stopped', () => {
    const running = [{ ...elastic('e', 'n1/0', 6), isGoing: true }]
    assert.deepEqual(grown(plan(aSnapshot({ nodes: [aNode('n1')], running }), 0)), [])
  })

  test('goes on from what another has left: the higher priority first', () => {
    const [low, high] = [elastic('low', 'n1/0', 6), { ...elastic('high', 'n1/1', 2), priority: 200 }]
    const snapshot = aSnapshot({ nodes: [aNode('n1', { gpus: 5 })], running: [low, high] })
    assert.deepEqual(grown(plan(snapshot, 0)), ['high + n1/2 n1/3', 'low + n1/4'])
    end(snapshot, [high])
    assert.deepEqual(grown(plan(snapshot, 0)), ['low + n1/1 n1/2 n1/3 n1/4'])
  })
})
