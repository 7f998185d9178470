import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import type { PendingJob } from '../model/job.ts'
import type { RunningJob } from '../model/running.ts'
import type { LiveSnapshot } from '../model/snapshot.ts'
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
  waiting,
} from '../testkit/builders.ts'
import { Memo } from './memo.ts'
import { type Plan, plan } from './plan.ts'

const MINUTE_MS = 60_000
/** A job that ends a minute after its longest run, for start-up. */
const lasting = (minutes: number) => ({ maxRuntimeMs: (minutes - 1) * MINUTE_MS })
const kept = ({ reservations }: Plan) =>
  reservations.map(
    ({ job, startsAtMs }) => `${job.uid} at ${startsAtMs === null ? 'some time' : startsAtMs / MINUTE_MS}`,
  )

describe('a job that finds no room', () => {
  //  n1 is held until 10, n2 until 20, n3 is free.
  const nodes = ['n1', 'n2', 'n3'].map((name) => aNode(name, { gpus: 4 }))
  const running = [
    aRunning('until-10', 'n1/0+1+2+3', { endsAtMs: 10 * MINUTE_MS }),
    aRunning('until-20', 'n2/0+1+2+3', { endsAtMs: 20 * MINUTE_MS }),
  ]
  const big = aJob('big', aPod({ gpus: 4 }), { slots: 2 })
  const decide = (jobs: PendingJob[], nowMs = 0, reservedFor: string | null = null) => {
    const snapshot = aSnapshot({ nodes, running, jobs })
    snapshot.reservedFor = reservedFor
    return plan(snapshot, nowMs)
  }

  test('has places kept from when those in its way have ended, and says so', () => {
    const decided = decide([big])
    assert.deepEqual(kept(decided), ['big at 10'])
    assert.deepEqual(decided.reservations[0]?.assignment.slots.map(({ node }) => node).toSorted(), ['n1', 'n3'])
    assert.deepEqual(waiting(decided), { big: 'WaitingForReservation' })
  })

  test('has places kept also behind one that cannot start at all, whatever earlier plans have found out', () => {
    // Nobody has said when n2 will be free, so both nodes at once are nothing that can be waited for.
    const snapshot = aSnapshot({
      nodes: nodes.slice(0, 2),
      running: [running[0] as RunningJob, aRunning('endless', 'n2/0+1+2+3', { endsAtMs: null })],
      jobs: [big, aJob('small', aPod({ gpus: 4 }))],
    })
    const memo = new Memo()
    for (const round of [1, 2, 3]) assert.deepEqual(kept(plan(snapshot, 0, memo)), ['small at 10'], `round ${round}`)
  })

  test('keeps them behind others of its queue, and says so, whatever earlier plans have found out', () => {
    const waits = { mayPreempt: false }
    const before = [4, 3].map((gpus) => aJob(`before-${gpus}`, aPod({ gpus }), { slots: 2, priority: 200, ...waits }))
    const snapshot = aSnapshot({
      nodes: nodes.slice(0, 2),
      running: [running[0] as RunningJob, aRunning('endless', 'n2/0+1+2+3', { endsAtMs: null })],
      jobs: [...before, aJob('last', aPod({ gpus: 4 }), waits)],
    })
    snapshot.reservedFor = 'last'
    const memo = new Memo()
    for (const round of [1, 2, 3]) {
      const decided = plan(snapshot, 0, memo)
      assert.deepEqual(kept(decided), ['last at 10'], `round ${round}`)
      assert.include(waiting(decided), { last: 'WaitingForReservation' }, `round ${round}`)
    }
  })

  test('lets one go before that will have ended by then', () => {
    const decided = decide([big, aJob('short', aPod({ gpus: 4 }), lasting(10))])
    assert.deepEqual(admitted(decided), ['short → n3/0+1+2+3'])
    assert.deepEqual(kept(decided), ['big at 10'])
  })

  test('is not delayed by one that might not have', () => {
    for (const late of [lasting(10.1), {}]) {
      const decided = decide([big, aJob('late', aPod({ gpus: 4 }), late)])
      assert.deepEqual(admitted(decided), [])
      assert.deepEqual(waiting(decided), { big: 'WaitingForReservation', late: 'ReservedForAnother' })
    }
  })

  test('loses them to one that comes before it where its queue is StrictFIFO', () => {
    const returned = aJob('returned', aPod({ gpus: 4 }), { createdMs: -1 })
    const snapshot = aSnapshot({
      nodes: nodes.slice(0, 1),
      queues: [aQueue('default', { strategy: 'StrictFIFO' })],
      jobs: [aJob('kept-for', aPod({ gpus: 2 })), returned],
    })
    snapshot.reservedFor = 'kept-for'
    assert.deepEqual(admitted(plan(snapshot, 0)), ['returned → n1/0+1+2+3'])
  })

  test('leaves to others what it does not need', () => {
    const one = aJob('one', aPod({ gpus: 4 }), { slots: 2 })
    const roomy = aSnapshot({ nodes: [...nodes, aNode('n4', { gpus: 4 })], running, jobs: [big, one] })
    assert.deepEqual(admitted(plan(roomy, 0)), ['big → n3/0+1+2+3 n4/0+1+2+3'])
    const three = aJob('three', aPod({ gpus: 4 }), { slots: 3 })
    const later = aSnapshot({
      nodes: [...nodes, aNode('n4', { gpus: 4 })],
      running,
      jobs: [three, aJob('endless', aPod({ gpus: 1 }))],
    })
    assert.deepEqual(kept(plan(later, 0)), ['three at 10'])
    assert.deepEqual(admitted(plan(later, 0)), [])
    const four = aSnapshot({
      nodes: [...nodes, aNode('n4', { gpus: 5 })],
      running,
      jobs: [three, aJob('endless', aPod({ gpus: 1 }))],
    })
    assert.deepEqual(admitted(plan(four, 0)), ['endless → n4/4'])
  })

  test('keeps nothing where those in its way have not said when they end', () => {
    const endless = running.map((job) => ({ ...job, endsAtMs: null }))
    const snapshot = aSnapshot({ nodes, running: endless, jobs: [big, aJob('late', aPod({ gpus: 4 }))] })
    const decided = plan(snapshot, 0)
    assert.deepEqual(kept(decided), [])
    assert.deepEqual(admitted(decided), ['late → n3/0+1+2+3'])
  })

  describe('and has waited too long, where those in its way have not said when they end', () => {
    const endless = [
      aRunning('newest', 'n1/0+1+2+3', { admittedAtMs: 2, preemptible: false }),
      aRunning('oldest', 'n2/0+1+2+3', { admittedAtMs: 1, preemptible: false }),
    ]
    const decideAged = (jobs: PendingJob[], running = endless) => {
      const snapshot = aSnapshot({ nodes, running, jobs: [{ ...big, createdMs: 0 }, ...jobs] })
      snapshot.agingMs = 1_000
      return plan(snapshot, 3_000)
    }
    const late = (about: Partial<PendingJob> = {}) => ({ ...aJob('late', aPod({ gpus: 4 }), about), createdMs: 2_900 })

    test('has the places kept of whoever has run longest, and nobody goes there who declares no end', () => {
      const decided = decideAged([late()])
      assert.deepEqual(kept(decided), ['big at some time'])
      assert.deepEqual(decided.reservations[0]?.assignment.slots.map(({ node }) => node).toSorted(), ['n2', 'n3'])
      assert.deepEqual(admitted(decided), [])
      assert.deepEqual(waiting(decided), { big: 'WaitingForReservation', late: 'ReservedForAnother' })
    })

    test('lets those there that declare one, and is told when it starts once all have', () => {
      assert.deepEqual(admitted(decideAged([late(lasting(60))])), ['late → n3/0+1+2+3'])
      const left = aRunning('until-60', 'n3/0+1+2+3', { endsAtMs: 60 * MINUTE_MS })
      assert.deepEqual(kept(decideAged([], [...endless.slice(0, 1), left])), ['big at 60'])
    })
  })

  test('keeps its places against one of the same priority that would come before it now', () => {
    const earlier = { ...aJob('earlier', aPod({ gpus: 4, cpuMilli: 2000 }), { slots: 2 }), createdMs: -1 }
    assert.deepEqual(kept(decide([big, earlier], 0, 'big')), ['big at 10'])
  })

  test('lets nobody on what is kept while room beside it is awaited, who would be in the way of that', () => {
    const to = (...slots: { node: string; devices: number[] }[]) => ({
      nomination: { assignment: { flavor: 'a100', slots }, victims: [] },
    })
    const snapshot = aSnapshot({
      nodes: [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 3 })],
      queues: [aQueue('default', { nominal: 9 })],
      running: [{ ...(running[0] as RunningJob), preemptible: false }, aRunning('going', 'n2/0', { isGoing: true })],
      jobs: [
        aJob('kept-for', aPod({ gpus: 4 }), { priority: 400, ...to({ node: 'n1', devices: [0, 1, 2, 3] }) }),
        aJob('awaits', aPod({ gpus: 1 }), { priority: 300, ...to({ node: 'n2', devices: [0] }) }),
        aJob('short', aPod({ gpus: 2 }), lasting(5)),
      ],
    })
    const decided = plan(snapshot, 0)
    assert.deepEqual(kept(decided), ['kept-for at 10'])
    assert.include(waiting(decided), { awaits: 'WaitingForPreemptedWorkloads' })
    assert.deepEqual(admitted(decided), [])
  })

  test('gives them up to one of a higher priority', () => {
    const urgent = aJob('urgent', aPod({ gpus: 4 }), { slots: 2, priority: 400, mayPreempt: false })
    assert.deepEqual(kept(decide([big, urgent], 0, 'big')), ['urgent at 10'])
  })

  test('keeps the quota as well as the places', () => {
    const queues = [aQueue('top', { nominal: 8 }), aQueue('a', { parent: 'top' }), aQueue('b', { parent: 'top' })]
    const snapshot = aSnapshot({
      nodes: [aNode('n1', { gpus: 16 })],
      queues,
      running: [aRunning('until-10', 'n1/0+1+2+3', { queue: 'a', endsAtMs: 10 * MINUTE_MS })],
      jobs: [
        aJob('big', aPod({ gpus: 8 }), { queue: 'a', priority: 200, mayPreempt: false }),
        aJob('late', aPod({ gpus: 2 }), { queue: 'b' }),
        aJob('short', aPod({ gpus: 2 }), { queue: 'b', ...lasting(5) }),
      ],
    })
    const decided = plan(snapshot, 0)
    assert.deepEqual(kept(decided), ['big at 10'])
    assert.deepEqual(
      decided.admissions.map(({ job }) => job.uid),
      ['short'],
    )
  })
})

describe('whatever runs and waits', () => {
  const anyJob = fc.record({
    slots: fc.integer({ min: 1, max: 4 }),
    gpus: fc.integer({ min: 1, max: 4 }),
    minutes: fc.option(fc.integer({ min: 2, max: 30 }), { nil: undefined, freq: 6 }),
    /** Of its longest run, how much it needs. */
    part: fc.constantFrom(0.3, 0.7, 1),
    queue: fc.constantFrom('a', 'b'),
  })

  test('a start for which places are kept is never put off', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.array(anyJob, { minLength: 3, maxLength: 20 }),
        (sizes, jobs) => {
          const snapshot = aSnapshot({
            nodes: sizes.map((gpus, i) => aNode(`n${i}`, { gpus })),
            queues: [aQueue('a'), aQueue('b')],
            jobs: jobs.map(({ slots, gpus, minutes, queue }, i) =>
              aJob(`job-${i}`, aPod({ gpus }), { slots, queue, ...(minutes !== undefined && lasting(minutes)) }),
            ),
          })
          const runs = new Map(jobs.map(({ minutes, part }, i) => [`job-${i}`, minutes && minutes * part * MINUTE_MS]))
          const promised = new Map<string, number>()
          let nowMs = 0
          for (let steps = 0; steps < 100; steps++) {
            const decided = plan(snapshot, nowMs)
            for (const { job, startsAtMs } of decided.reservations) {
              assert.isNotNull(startsAtMs)
              if (startsAtMs === null) continue
              assert.isAtMost(startsAtMs, promised.get(job.uid) ?? startsAtMs)
              promised.set(job.uid, startsAtMs)
            }
            for (const { job } of decided.admissions) assert.isAtMost(nowMs, promised.get(job.uid) ?? nowMs)
            carryOut(snapshot, decided, nowMs)
            const next = nextEnd(snapshot, runs)
            if (next === null) return
            nowMs = next
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  /** Ends whoever ends next. @returns when that is; null where nobody does */
  function nextEnd(snapshot: LiveSnapshot, runs: ReadonlyMap<string, number | undefined>): number | null {
    const ends = [...snapshot.running.values()].flatMap((job) => {
      const runMs = runs.get(job.uid)
      return runMs === undefined ? [] : [{ job, atMs: job.admittedAtMs + runMs }]
    })
    const atMs = Math.min(...ends.map((each) => each.atMs))
    end(
      snapshot,
      ends.filter((each) => each.atMs === atMs).map(({ job }) => job),
    )
    return ends.length === 0 ? null : atMs
  }
})
