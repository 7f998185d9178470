import { assert, describe, test } from 'vitest'
import type { QueueSpec } from '../model/queue.ts'
import { admitted, aJob, aNode, aPod, aQueue, aRunning, aSnapshot, waiting } from '../testkit/builders.ts'
import { plan } from './plan.ts'

/** Who is admitted, in order, where each job asks one GPU. */
function order(
  queues: QueueSpec[],
  jobs: [uid: string, queue: string, priority?: number][],
  { gpus = 8, used = {} }: { gpus?: number; used?: Record<string, number> } = {},
): string[] {
  const snapshot = aSnapshot({
    nodes: [aNode('n1', { gpus })],
    queues,
    jobs: jobs.map(([uid, queue, priority = 100]) => aJob(uid, aPod({ gpus: 1 }), { queue, priority })),
    used,
  })
  return plan(snapshot, 0).admissions.map(({ job }) => job.uid)
}

describe('whose turn it is', () => {
  const [a, b] = [aQueue('a'), aQueue('b')]

  test('alternates between queues that hold the same, whoever came first', () => {
    const jobs = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].map((uid) => [uid, uid[0] as string] as [string, string])
    assert.deepEqual(order([a, b], jobs), ['a1', 'b1', 'a2', 'b2', 'a3', 'b3'])
  })

  test('is that of the queue which holds less', () => {
    const jobs: [string, string][] = [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['b2', 'b'],
    ]
    assert.deepEqual(order([a, b], jobs, { used: { a: 2000 } }), ['b1', 'b2', 'a1', 'a2'])
  })

  test('is that of the higher priority before any share', () => {
    const jobs: [string, string, number?][] = [
      ['b1', 'b'],
      ['a1', 'a', 400],
      ['a2', 'a', 400],
    ]
    assert.deepEqual(order([a, b], jobs, { used: { a: 4000 } }), ['a1', 'a2', 'b1'])
  })

  test('is by weight: twice the weight, twice the jobs', () => {
    const heavy = { ...a, weightThousandths: 2000 }
    const jobs = ['a', 'a', 'a', 'a', 'b', 'b', 'b'].map((queue, i) => [`${queue}${i}`, queue] as [string, string])
    const first = order([heavy, b], jobs, { gpus: 6 }).join(' ')
    assert.equal(first.match(/a/g)?.length, 4)
    assert.equal(first.match(/b/g)?.length, 2)
  })

  test('is decided among siblings level by level: many queues of one tenant are no more than one', () => {
    const queues = [
      aQueue('acme'),
      ...['x', 'y', 'z'].map((name) => aQueue(name, { parent: 'acme' })),
      aQueue('globex'),
    ]
    const jobs = ['x', 'y', 'z', 'globex', 'globex', 'globex'].map(
      (queue, i) => [`${queue}${i}`, queue] as [string, string],
    )
    assert.deepEqual(order(queues, jobs, { gpus: 4 }), ['x0', 'globex3', 'y1', 'globex4'])
  })

  test('is that of a queue within its nominal quota before one that borrows', () => {
    const queues = [
      aQueue('top', { nominal: 8 }),
      aQueue('own', { parent: 'top', nominal: 6 }),
      aQueue('guest', { parent: 'top' }),
    ]
    const jobs: [string, string][] = [
      ['g1', 'guest'],
      ['g2', 'guest'],
      ['o1', 'own'],
      ['o2', 'own'],
    ]
    assert.deepEqual(order(queues, jobs, { gpus: 3, used: { own: 4000 } }), ['o1', 'o2', 'g1'])
  })
})

describe('a job that has waited too long', () => {
  const decide = (nowMs: number) => {
    const jobs = [
      aJob('old', aPod({ gpus: 4 }), { createdMs: 1_000, priority: 100 }),
      aJob('urgent', aPod({ gpus: 4 }), { createdMs: 50_000, priority: 400 }),
    ]
    const snapshot = aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], jobs })
    snapshot.agingMs = 60_000
    return plan(snapshot, nowMs)
  }

  test('goes before all priorities, from the millisecond on, and a plan is made then (R14)', () => {
    const before = decide(60_999)
    assert.deepEqual(admitted(before), ['urgent → n1/0+1+2+3'])
    assert.equal(before.againAtMs, 61_000)
    assert.deepEqual(admitted(decide(61_000)), ['old → n1/0+1+2+3'])
  })

  test('has its places kept against any priority', () => {
    const running = [aRunning('until-70', 'n1/0+1+2+3', { endsAtMs: 70_000, preemptible: false })]
    const jobs = [
      aJob('old', aPod({ gpus: 8 }), { createdMs: 1_000 }),
      aJob('urgent', aPod({ gpus: 4 }), { createdMs: 50_000, priority: 400 }),
    ]
    const snapshot = aSnapshot({ nodes: [aNode('n1')], running, jobs })
    snapshot.agingMs = 60_000
    assert.deepEqual(waiting(plan(snapshot, 65_000)), { old: 'WaitingForReservation', urgent: 'ReservedForAnother' })
  })
})

describe('a queue that is StrictFIFO', () => {
  const strict = aQueue('strict', { strategy: 'StrictFIFO' })
  const jobs = [
    aJob('big', aPod({ gpus: 8 }), { queue: 'strict' }),
    aJob('small', aPod({ gpus: 1 }), { queue: 'strict' }),
    aJob('other', aPod({ gpus: 1 }), { queue: 'loose' }),
  ]

  test('lets nobody go before its first job, and no other queue wait for it (R15)', () => {
    const snapshot = aSnapshot({
      nodes: [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 8, accepting: false })],
      queues: [strict, aQueue('loose')],
      jobs,
    })
    const decided = plan(snapshot, 0)
    assert.deepEqual(admitted(decided), ['other → n1/0'])
    assert.deepEqual(waiting(decided), { big: 'InsufficientGpus', small: 'WaitingForTurn' })
  })

  test('does not wait for a job that could never start', () => {
    const snapshot = aSnapshot({ nodes: [aNode('n1', { gpus: 4 })], queues: [strict, aQueue('loose')], jobs })
    const decided = plan(snapshot, 0)
    assert.deepEqual(waiting(decided), { big: 'GangLargerThanCluster' })
  })
})

describe('a queue that is stopped', () => {
  test('admits nothing, and neither do those below it', () => {
    const queues = [aQueue('top', { stopPolicy: 'Hold' }), aQueue('below', { parent: 'top' }), aQueue('beside')]
    const jobs = queues.map(({ name }) => aJob(name, aPod({ gpus: 1 }), { queue: name }))
    const decided = plan(aSnapshot({ nodes: [aNode('n1')], queues, jobs }), 0)
    assert.deepEqual(admitted(decided), ['beside → n1/0'])
    assert.deepEqual(waiting(decided), { top: 'QueueHeld', below: 'QueueHeld' })
  })
})
