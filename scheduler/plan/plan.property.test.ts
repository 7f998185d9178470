import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import { compareJobs, isGang, type PendingJob } from '../model/job.ts'
import { type NodeState, nodeUnder, WHOLE_DEVICE } from '../model/node.ts'
import type { RunningJob } from '../model/running.ts'
import type { LiveSnapshot } from '../model/snapshot.ts'
import { aJob, aNode, aPod, aQueue, aSnapshot, carryOut, endGoing, withUsed } from '../testkit/builders.ts'
import { describeCause } from './describe.ts'
import { Memo } from './memo.ts'
import { type Admission, type Plan, plan } from './plan.ts'

const anyNode = fc.record({
  gpus: fc.integer({ min: 0, max: 4 }),
  flavor: fc.constantFrom('a100', 'h100'),
  accepting: fc.boolean(),
  cpuMilli: fc.integer({ min: 2, max: 16 }).map((cores) => cores * 1000),
  /** Taken already, and possibly more than there is: capacity may shrink under what runs. */
  used: fc.record({
    cpuMilli: fc.constantFrom(0, 0, 3000, 20_000),
    devices: fc.array(fc.constantFrom(0, 500, 1000, 1500), { maxLength: 4 }),
  }),
})
const anyJob = fc.record({
  slots: fc.integer({ min: 1, max: 5 }),
  /** Of an elastic job: how many more it would take. */
  more: fc.constantFrom(0, 0, 1, 4),
  gpu: fc.oneof(
    fc.constant({}),
    fc.record({ gpus: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ share: fc.integer({ min: 1, max: 9 }).map((tenths) => tenths * 100) }),
  ),
  cpuMilli: fc.integer({ min: 0, max: 4 }).map((cores) => cores * 1000),
  queue: fc.constantFrom('default', 'left', 'right', 'missing'),
  priority: fc.constantFrom(100, 200),
  createdMs: fc.integer({ min: 0, max: 5 }),
  notBeforeMs: fc.constantFrom(0, 0, 0, 50),
})
const anyQueues = fc.record({
  nominal: fc.integer({ min: 0, max: 8 }),
  borrowing: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  lending: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
})
/** What happens to the snapshot between two plans. */
const anyChange = fc.oneof(
  fc.record({ kind: fc.constant('submit' as const), job: anyJob }),
  fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('node' as const), which: fc.nat({ max: 7 }), node: anyNode }),
  fc.record({ kind: fc.constant('empty' as const), which: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant('queue' as const), queue: anyQueues }),
  fc.record({ kind: fc.constant('carryOut' as const) }),
)

const anyStart = fc.record({
  nodes: fc.array(anyNode, { maxLength: 6 }),
  jobs: fc.array(anyJob, { maxLength: 25 }),
  queues: anyQueues,
})
type Start = typeof anyStart extends fc.Arbitrary<infer T> ? T : never
type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never

describe('for any cluster, queues and jobs, a plan', () => {
  test('is the same with the memo of everything that came before as without one', () => {
    fc.assert(
      fc.property(anyStart, fc.array(anyChange, { maxLength: 15 }), (start, changes) => {
        const snapshot = snapshotOf(start)
        const memo = new Memo()
        let decided = plan(snapshot, 0, memo)
        for (const change of changes) {
          apply(snapshot, change, decided)
          decided = plan(snapshot, 0, memo)
          assert.deepEqual(told(decided), told(plan(snapshot, 0)))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('gives no device twice and takes no more of a node than there is', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        const before = new Map(snapshot.nodes)
        carryOut(snapshot, plan(snapshot, 0))
        // Once more, for those who grow.
        carryOut(snapshot, plan(snapshot, 0))
        for (const [name, node] of snapshot.nodes) {
          const was = before.get(name) as NodeState
          const isWithin = (now: number, most: number, then: number) => now <= most || now === then
          assert.isTrue(
            node.usedThousandths.every((used, i) => isWithin(used, WHOLE_DEVICE, was.usedThousandths[i] ?? 0)),
          )
          assert.isTrue(node.usedMemoryMiB.every((used, i) => isWithin(used, 81920, was.usedMemoryMiB[i] ?? 0)))
          assert.isTrue(isWithin(-node.freeCpuMilli, 0, -was.freeCpuMilli))
          assert.isTrue(Math.min(node.freeMemoryMiB, node.freePods) >= 0)
        }
      }),
    )
  })

  test('gives a gang its slots, an elastic one no fewer than its fewest and no more than it asked for, on nodes that take pods, each with what it asked', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        for (const { job, assignment } of plan(snapshot, 0).admissions) {
          assert.ok(isGang(job.demand))
          const { slots, most = slots } = job.demand
          assert.isTrue(assignment.slots.length >= slots && assignment.slots.length <= most)
          for (const place of assignment.slots) {
            const { spec } = snapshot.nodes.get(place.node) as NodeState
            assert.isTrue(spec.accepting && spec.flavor === assignment.flavor)
            assert.equal(new Set(place.devices).size, job.demand.pod.gpu?.count ?? 0)
          }
        }
      }),
    )
  })

  test('admits or explains every job, once, and puts every reason into words', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        const { admissions, explanations } = plan(snapshot, 0)
        const told = [
          ...admissions.map(({ job }) => job.uid),
          ...explanations.flatMap(({ jobs }) => jobs.map((job) => job.uid)),
        ]
        assert.deepEqual(told.toSorted(), start.jobs.map((_, i) => `job-${i}`).toSorted())
        for (const { cause } of explanations) {
          const { message, fix } = describeCause(cause)
          assert.notMatch(message + fix, /NaN|undefined|Infinity|null/)
        }
      }),
    )
  })

  test('carried out lets every elastic job grow to what it asked for, or as far as there is room', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        carryOut(snapshot, plan(snapshot, 0))
        const { growths } = plan(snapshot, 0)
        for (const { job, places } of growths) assert.isTrue(places.length > 0 && places.length <= (job.lacks ?? 0))
        carryOut(snapshot, plan(snapshot, 0))
        assert.deepEqual(plan(snapshot, 0).growths, [])
      }),
    )
  })

  test('leaves nobody behind who asks the same as one that came later and was admitted', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const { admissions, explanations } = plan(snapshotOf(start), 0)
        for (const { jobs } of explanations) {
          for (const left of jobs) {
            const overtaken = admissions.find(({ job }) => sameDemand(job, left) && compareJobs(left, job) < 0)
            assert.isUndefined(overtaken)
          }
        }
      }),
    )
  })

  test('once carried out admits nobody else', () => {
    fc.assert(
      fc.property(anyStart, (start) => {
        const snapshot = snapshotOf(start)
        carryOut(snapshot, plan(snapshot, 0))
        assert.deepEqual(plan(snapshot, 0).admissions, [])
      }),
    )
  })
})

describe('for any cluster on which jobs run, with others of any priority coming after them,', () => {
  const anyLater = fc.tuple(anyStart, fc.array(anyJob, { minLength: 1, maxLength: 10 }))

  /** Rounds of plans carried out, with all who go gone after each, until there is nothing left to do. */
  function settle([start, later]: [Start, Start['jobs']], look: (decided: Plan, before: Before) => void): number {
    const snapshot = snapshotOf(start)
    const jobs = new Map(allJobs(snapshot).map((job) => [job.uid, job]))
    carryOut(snapshot, plan(snapshot, 0))
    for (const [i, each] of later.entries()) {
      const job = jobOf(`later-${i}`, each)
      jobs.set(job.uid, job)
      snapshot.setPending(job)
    }
    for (let round = 0; round < 30; round++) {
      const before = { running: new Map(snapshot.running) }
      const decided = plan(snapshot, 0)
      look(decided, before)
      if (decided.admissions.length + decided.preemptions.length === 0) return round
      carryOut(snapshot, decided)
      for (const uid of endGoing(snapshot)) snapshot.setPending(jobs.get(uid) as PendingJob)
    }
    return Number.POSITIVE_INFINITY
  }
  interface Before {
    running: ReadonlyMap<string, RunningJob>
  }

  test('stops only what runs, nobody for two, and of its own queue only lower priorities', () => {
    fc.assert(
      fc.property(anyLater, (later) => {
        settle(later, ({ preemptions }, { running }) => {
          const stopped = preemptions.flatMap(({ victims }) => victims)
          assert.equal(new Set(stopped).size, stopped.length)
          for (const { job, victims } of preemptions) {
            for (const uid of victims) {
              const victim = running.get(uid)
              assert.isTrue(victim !== undefined && !victim.isGoing)
              if (victim?.queue === job.queue) assert.isBelow(victim.priority, job.priority)
            }
          }
        })
      }),
    )
  })

  test('starts whoever others were stopped for as soon as they have gone', () => {
    fc.assert(
      fc.property(anyLater, (later) => {
        let awaited: string[] = []
        settle(later, ({ admissions, preemptions }) => {
          const started = new Set(admissions.map(({ job }) => job.uid))
          for (const uid of awaited) assert.isTrue(started.has(uid), uid)
          awaited = preemptions.map(({ job }) => job.uid)
        })
      }),
    )
  })

  test('comes to rest: nobody stops another who then stops it in return', () => {
    fc.assert(fc.property(anyLater, (later) => settle(later, () => {}) < 30))
  })
})

function allJobs(snapshot: LiveSnapshot): PendingJob[] {
  return [...snapshot.pending.values()].flatMap((group) => group.jobs)
}

function snapshotOf({ nodes, jobs, queues }: Start): LiveSnapshot {
  return aSnapshot({
    nodes: nodes.map((node, i) => nodeOf(`n${i}`, node)),
    queues: treeOf(queues),
    jobs: jobs.map((job, i) => jobOf(`job-${i}`, job)),
  })
}

function nodeOf(name: string, { used, ...node }: Start['nodes'][number]): NodeState {
  const state = withUsed(aNode(name, node), used.devices.slice(0, node.gpus))
  return { ...state, freeCpuMilli: state.freeCpuMilli - used.cpuMilli }
}

function treeOf(queues: Start['queues']) {
  const limits = Object.fromEntries(Object.entries(queues).filter(([, value]) => value !== undefined))
  return [
    aQueue('default'),
    aQueue('root', { nominal: 2 }),
    aQueue('left', { parent: 'root', ...limits }),
    aQueue('right', { parent: 'root', nominal: 3, flavor: 'h100' }),
  ]
}

function jobOf(uid: string, { slots, more, gpu, cpuMilli, ...job }: Start['jobs'][number]): PendingJob {
  return aJob(uid, aPod({ ...gpu, cpuMilli }), { slots, most: slots + more, ...job })
}

function apply(snapshot: LiveSnapshot, change: Change, last: Plan): void {
  const node = 'which' in change ? [...snapshot.nodes.values()][change.which] : undefined
  if (change.kind === 'submit') snapshot.setPending(jobOf(`late-${snapshot.pendingJobs}`, change.job))
  else if (change.kind === 'withdraw') {
    const jobs = allJobs(snapshot)
    snapshot.removePending(jobs[change.which % Math.max(1, jobs.length)]?.uid ?? '')
  } else if (change.kind === 'node') {
    snapshot.nodes.set(`n${change.which}`, nodeOf(`n${change.which}`, change.node))
    forgetRunning(snapshot, `n${change.which}`)
  } else if (change.kind === 'empty') {
    if (node) snapshot.nodes.set(node.spec.name, nodeUnder(node.spec, []))
    forgetRunning(snapshot, node?.spec.name)
  } else if (change.kind === 'queue') {
    for (const spec of treeOf(change.queue)) {
      snapshot.queues.set(spec.name, {
        spec,
        usage: snapshot.queues.get(spec.name)?.usage ?? new Map(),
        past: new Map(),
      })
    }
  } else
    carryOut(snapshot, {
      ...last,
      admissions: last.admissions.filter((admission) => canComeTrue(snapshot, admission)),
      preemptions: last.preemptions.filter(({ job }) => isPending(snapshot, job)),
      growths: last.growths.filter(({ places }) => places.every(({ node }) => snapshot.nodes.has(node))),
    })
}

/** What a node that is another now held is not there any more. */
function forgetRunning(snapshot: LiveSnapshot, node: string | undefined): void {
  for (const { uid, held } of [...snapshot.running.values()])
    if (held.some((place) => place.node === node)) snapshot.running.delete(uid)
}

/** A plan may be stale when it is carried out: then a part of it is refused. */
function canComeTrue(snapshot: LiveSnapshot, { job, assignment }: Admission): boolean {
  return isPending(snapshot, job) && assignment.slots.every((place) => snapshot.nodes.has(place.node))
}

function isPending(snapshot: LiveSnapshot, job: PendingJob): boolean {
  return [...snapshot.pending.values()].some((group) => group.jobs.includes(job))
}

/** All that a plan says. */
function told({ admissions, explanations, preemptions, reservations, growths }: Plan) {
  const reasons = explanations.map(({ jobs, cause }) => [jobs.map((job) => job.uid), describeCause(cause)])
  const told = { admissions, preemptions, reservations, growths }
  return { ...told, reasons: reasons.map((reason) => JSON.stringify(reason)).toSorted() }
}

function sameDemand(a: PendingJob, b: PendingJob): boolean {
  if (a.queue !== b.queue || a.notBeforeMs !== b.notBeforeMs) return false
  return isGang(a.demand) && isGang(b.demand) && a.demand.key === b.demand.key
}
