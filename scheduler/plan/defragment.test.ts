import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import type { Gang } from '../model/gang.ts'
import { holdingAt, type NodeState, WHOLE_DEVICE } from '../model/node.ts'
import { amountsOf, type RunningJob } from '../model/running.ts'
import type { LiveSnapshot } from '../model/snapshot.ts'
import { aJob, aNode, aPod, aQueue, aRunning, aSnapshot, carryOut, end, resume } from '../testkit/builders.ts'
import { type Defragmentation, defragment } from './defragment.ts'
import { plan } from './plan.ts'

const NOW_MS = 100_000

/** "uid: from → to" of every move. */
function told({ moves }: Defragmentation): string[] {
  const places = (list: readonly { node: string; devices: readonly number[] }[]) =>
    list.map(({ node, devices }) => `${node}/${devices.join('+')}`).join(' ')
  return moves.map(({ job, from, to }) => `${job.uid}: ${places(from)} → ${places(to.slots)}`)
}

const twoHalfFull = () => ({
  nodes: [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 4 })],
  running: [aRunning('a', 'n1/0+1'), aRunning('b', 'n2/2+3', { admittedAtMs: 90_000 })],
})

describe('room for a job that waits', () => {
  const wanting = { ...twoHalfFull(), jobs: [aJob('wide', aPod({ gpus: 4 }))] }

  test('is made by moving whoever loses least work', () => {
    const preview = defragment(aSnapshot(wanting), NOW_MS, { job: 'wide' })
    assert.deepEqual(told(preview), ['b: n2/2+3 → n1/2+3'])
    assert.deepEqual(preview.frees.assignment?.slots, [{ node: 'n2', devices: [0, 1, 2, 3] }])
    assert.deepEqual(preview.cost, { jobs: 1, pods: 1, lostGpuSeconds: 20 })
  })

  test('needs no move where there is some', () => {
    const preview = defragment(aSnapshot({ ...wanting, running: [] }), NOW_MS, { job: 'wide' })
    assert.deepEqual(told(preview), [])
    assert.equal(preview.frees.gpus, 4)
  })

  test('is not made of jobs that may not be stopped, that are going or protected, or whose budgets forbid it, or of which nobody knows what they ask', () => {
    const [a, b] = wanting.running as [RunningJob, RunningJob]
    const { gang: _, ...unknown } = b
    const bounded = { ...b, pods: 2, budgets: [{ name: 't/serve', allowed: 1 }] }
    for (const stays of [{ ...b, preemptible: false }, { ...b, isGoing: true }, bounded, unknown]) {
      const fixed = { ...a, preemptible: false }
      const preview = defragment(aSnapshot({ ...wanting, running: [fixed, stays] }), NOW_MS, { job: 'wide' })
      assert.deepEqual(preview.frees, { nodes: [], gpus: 0, assignment: null })
    }
    const queues = [aQueue('default', { minRuntimeMs: 60_000 })]
    const preview = defragment(aSnapshot({ ...wanting, queues }), NOW_MS, { job: 'wide' })
    assert.deepEqual(told(preview), ['a: n1/0+1 → n2/0+1'])
  })

  test('is not promised to a job whose quota would not admit it, nor to one that nobody knows', () => {
    const queues = [aQueue('default', { nominal: 6, borrowing: 0 })]
    assert.deepEqual(told(defragment(aSnapshot({ ...wanting, queues }), NOW_MS, { job: 'wide' })), [])
    assert.deepEqual(told(defragment(aSnapshot(wanting), NOW_MS, { job: 'another' })), [])
  })

  test('does not split a gang: all its pods stop, and those that can stay where they were', () => {
    const running = [aRunning('gang', 'n1/0 n2/0'), aRunning('fixed', 'n3/0+1', { preemptible: false })]
    const nodes = [aNode('n1', { gpus: 2 }), aNode('n2', { gpus: 2 }), aNode('n3', { gpus: 2 })]
    const jobs = [aJob('wide', aPod({ gpus: 2 }))]
    const preview = defragment(aSnapshot({ nodes, running, jobs }), NOW_MS, { job: 'wide' })
    assert.deepEqual(told(preview), ['gang: n1/0 n2/0 → n2/0 n2/1'])
    assert.deepEqual(preview.cost, { jobs: 1, pods: 1, lostGpuSeconds: 200 })
  })
})

describe('whole nodes', () => {
  test('become free by moving what is on them onto others that are in use', () => {
    const preview = defragment(aSnapshot(twoHalfFull()), NOW_MS)
    assert.deepEqual(told(preview), ['b: n2/2+3 → n1/2+3'])
    assert.deepEqual(preview.frees, { nodes: ['n2'], gpus: 4, assignment: null })
  })

  test('are not gained by filling others that were free', () => {
    const running = [aRunning('a', 'n1/0+1'), aRunning('b', 'n2/0+1+2')]
    const nodes = [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 4 }), aNode('n3', { gpus: 4 })]
    assert.deepEqual(told(defragment(aSnapshot({ nodes, running }), NOW_MS)), [])
  })

  test('are no more than asked for', () => {
    const names = ['n1', 'n2', 'n3', 'n4']
    const nodes = names.map((name) => aNode(name, { gpus: 4 }))
    const running = names.map((name) => aRunning(`on ${name}`, `${name}/0`))
    assert.lengthOf(defragment(aSnapshot({ nodes, running }), NOW_MS).frees.nodes, 3)
    assert.lengthOf(defragment(aSnapshot({ nodes, running }), NOW_MS, { wholeNodes: 2 }).frees.nodes, 2)
  })
})

describe('for any cluster on which jobs run,', () => {
  const anyJob = fc.record({
    gpu: fc.oneof(
      fc.record({ gpus: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ share: fc.constantFrom(200, 500, 700) }),
    ),
    slots: fc.integer({ min: 1, max: 3 }),
    preemptible: fc.boolean(),
    ends: fc.boolean(),
  })
  const anyStart = fc.record({
    nodes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
    jobs: fc.array(anyJob, { maxLength: 20 }),
    wanted: anyJob,
    goal: fc.constantFrom({ job: 'wanted' }, { wholeNodes: 2 }, undefined),
  })
  type Start = typeof anyStart extends fc.Arbitrary<infer T> ? T : never

  /** As it is after those that end have left holes. */
  function snapshotOf({ nodes, jobs, wanted }: Start): LiveSnapshot {
    const snapshot = aSnapshot({
      nodes: nodes.map((gpus, i) => aNode(`n${i}`, { gpus })),
      jobs: jobs.map(({ gpu, slots }, i) => aJob(`${i}`, aPod(gpu), { slots })),
    })
    carryOut(snapshot, plan(snapshot, 0))
    for (const uid of [...snapshot.pending.values()].flatMap((group) => group.jobs.map((job) => job.uid)))
      snapshot.removePending(uid)
    for (const job of [...snapshot.running.values()]) {
      const { ends = false, preemptible = true } = jobs[Number(job.uid)] ?? {}
      if (ends) end(snapshot, [job])
      else snapshot.running.set(job.uid, { ...job, preemptible })
    }
    snapshot.setPending(aJob('wanted', aPod(wanted.gpu), { slots: wanted.slots }))
    return snapshot
  }

  /** All stop, then all start at their new places. */
  function comeTrue(snapshot: LiveSnapshot, { moves }: Defragmentation): void {
    end(
      snapshot,
      moves.map(({ job }) => job),
    )
    for (const { job, to } of moves) {
      const { pod } = job.gang as Gang
      const held = to.slots.map(({ node, devices }) => ({ node, holding: holdingAt(pod, devices) }))
      resume(snapshot, { ...job, held, amounts: amountsOf(held) })
    }
  }

  test('what it says can be done and frees what it says, moving nobody that may not be', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        const preview = defragment(snapshot, NOW_MS, start.goal)
        for (const { job, from, to } of preview.moves) {
          assert.isTrue(job.preemptible && to.slots.length === from.length && to.flavor === job.flavor)
          assert.notDeepEqual(from, to.slots)
        }
        comeTrue(snapshot, preview)
        for (const { usedThousandths, freePods } of snapshot.nodes.values())
          assert.isTrue(freePods >= 0 && usedThousandths.every((used) => used <= WHOLE_DEVICE))
        for (const name of preview.frees.nodes)
          assert.isTrue((snapshot.nodes.get(name) as NodeState).usedThousandths.every((used) => used === 0))
        if (preview.frees.assignment !== null)
          assert.deepEqual(
            plan(snapshot, NOW_MS).admissions.map(({ job }) => job.uid),
            ['wanted'],
          )
      }),
    )
  })

  test('it changes nothing and depends on no order', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        const before = structuredClone([...snapshot.nodes.values(), ...snapshot.running.values()])
        const preview = defragment(snapshot, NOW_MS, start.goal)
        assert.deepEqual([...snapshot.nodes.values(), ...snapshot.running.values()], before)
        const turn = <T>(map: ReadonlyMap<string, T>) => new Map([...map].toReversed())
        const { nodes, queues, pending, running, agingMs, reservedFor, typical } = snapshot
        const maps = { nodes: turn(nodes), queues: turn(queues), pending: turn(pending), running: turn(running) }
        const turned = { ...maps, agingMs, reservedFor, typical }
        assert.deepEqual(defragment(turned, NOW_MS, start.goal), preview)
      }),
    )
  })

  test('it frees no fewer nodes than there were free ones, and loses nothing where it frees nothing', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        const free = () =>
          [...snapshot.nodes.values()].filter((node) => node.usedThousandths.every((used) => used === 0)).length
        const before = free()
        const preview = defragment(snapshot, NOW_MS)
        comeTrue(snapshot, preview)
        assert.equal(free(), before + preview.frees.nodes.length)
        if (preview.frees.nodes.length === 0) assert.deepEqual(preview.cost, { jobs: 0, pods: 0, lostGpuSeconds: 0 })
      }),
    )
  })
})
