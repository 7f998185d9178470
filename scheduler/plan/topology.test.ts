import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import { gangOf } from '../model/gang.ts'
import { isGang, type PendingJob } from '../model/job.ts'
import type { NodeState } from '../model/node.ts'
import type { LiveSnapshot } from '../model/snapshot.ts'
import type { TopologyRequest } from '../model/topology.ts'
import {
  admitted,
  aJob,
  aNode,
  aPod,
  aRunning,
  aSnapshot,
  carryOut,
  end,
  waiting,
  withUsed,
} from '../testkit/builders.ts'
import { describeCause } from './describe.ts'
import { Memo } from './memo.ts'
import { type Plan, plan } from './plan.ts'

const LEVELS = [
  { name: 'zone', nodeLabel: 'zone' },
  { name: 'rack', nodeLabel: 'rack' },
]

/** "z1/r2/n3": node n3 in rack r2 of zone z1, with so many of its four GPUs free. */
function at(place: string, free = 4): NodeState {
  const [zone = '', rack = '', name = ''] = place.split('/')
  const node = aNode(name, { gpus: 4, labels: { ...(zone && { zone }), ...(rack && { rack }) } })
  return withUsed(node, [1000, 1000, 1000, 1000].slice(0, 4 - free))
}

function clusterOf(nodes: readonly NodeState[], jobs: readonly PendingJob[], levels = LEVELS): LiveSnapshot {
  const snapshot = aSnapshot({ nodes, jobs })
  snapshot.topologyLevels = levels
  return snapshot
}

/** A gang of pods that take a whole node each. */
function aGang(slots: number, topology: Partial<TopologyRequest>, gpus = 4): PendingJob {
  const request = { required: null, preferred: null, ...topology }
  return aJob('gang', aPod({ gpus }), { demand: gangOf(slots, aPod({ gpus }), request) })
}

/** Nodes of the one gang admitted. */
function nodesOf(decided: Plan): string[] {
  return [...new Set(decided.admissions.flatMap(({ assignment }) => assignment.slots.map(({ node }) => node)))].sort()
}

function reasonOf(decided: Plan) {
  const [explanation] = decided.explanations
  return explanation && describeCause(explanation.cause)
}

const TWO_RACKS = [at('z1/r1/n1'), at('z1/r1/n2'), at('z1/r2/n3'), at('z1/r2/n4'), at('z1/r2/n5')]

describe('a required level', () => {
  test('is given in the domain that holds the gang with least to spare', () => {
    assert.deepEqual(nodesOf(plan(clusterOf(TWO_RACKS, [aGang(2, { required: 'rack' })]), 0)), ['n1', 'n2'])
    assert.deepEqual(nodesOf(plan(clusterOf(TWO_RACKS, [aGang(3, { required: 'rack' })]), 0)), ['n3', 'n4', 'n5'])
  })

  test('is waited for where no domain has room, with what the largest one has', () => {
    const full = [at('z1/r1/n1'), at('z1/r1/n2', 0), at('z1/r2/n3'), at('z1/r2/n4'), at('z1/r2/n5', 1)]
    const decided = plan(clusterOf(full, [aGang(3, { required: 'rack' })]), 0)
    assert.deepEqual(reasonOf(decided), {
      code: 'TopologyPlacementFailed',
      message:
        'It needs 3 pods of 4 GPUs, 1 CPUs and 1024 MiB within one rack; there is room for them all, but the one with most of it, z1/r2 of a100, holds 2 now.',
      fix: 'It starts when running jobs leave room in one rack; asked as preferred, or with at most 2 pods, it would start now.',
    })
  })

  test('is told as impossible at once where no domain could hold it when empty', () => {
    const decided = plan(clusterOf(TWO_RACKS, [aGang(4, { required: 'rack' })]), 0)
    assert.deepEqual(reasonOf(decided), {
      code: 'TopologyPlacementFailed',
      message:
        'It needs 4 pods of 4 GPUs, 1 CPUs and 1024 MiB within one rack; the largest that would do, z1/r2 of a100, holds 3 when empty.',
      fix: 'Ask for at most 3 such pods, for a level further out, or for rack as preferred.',
    })
  })

  test('counts a rack of the same name in another zone as another', () => {
    const nodes = [at('z1/r1/n1'), at('z2/r1/n2')]
    assert.deepEqual(waiting(plan(clusterOf(nodes, [aGang(2, { required: 'rack' })]), 0)), {
      gang: 'TopologyPlacementFailed',
    })
  })

  test('is never given on a node that lacks its label, or one of a level outside of it', () => {
    const nodes = [at('/r1/n1'), at('/r1/n2'), at('z1//n3'), at('z1//n4')]
    const decided = plan(clusterOf(nodes, [aGang(2, { required: 'rack' })]), 0)
    assert.include(reasonOf(decided)?.message, 'no node that would do has the labels of one')
    assert.deepEqual(nodesOf(plan(clusterOf(nodes, [aGang(2, { required: 'zone' })]), 0)), ['n3', 'n4'])
  })

  test('that the cluster has not declared is told with those that it has', () => {
    for (const topology of [{ required: 'block' }, { preferred: 'block' }]) {
      const reason = reasonOf(plan(clusterOf(TWO_RACKS, [aGang(1, topology)]), 0))
      assert.equal(reason?.code, 'UnknownTopologyLevel')
      assert.equal(reason?.fix, 'Ask for one of these, from the outermost on: zone, rack.')
    }
    const reason = reasonOf(plan(clusterOf(TWO_RACKS, [aGang(1, { required: 'rack' })], []), 0))
    assert.include(reason?.fix, 'have levels declared')
  })

  test('is made room in by stopping no more than its own domain needs', () => {
    const nodes = TWO_RACKS.slice(0, 4).map(({ spec }) => aNode(spec.name, { gpus: 4, labels: spec.labels }))
    const running = nodes.map(({ spec }, i) =>
      aRunning(`on ${spec.name}`, `${spec.name}/0+1+2+3`, { admittedAtMs: i % 2 === 0 ? 50 : 10 }),
    )
    const snapshot = aSnapshot({ nodes, running, jobs: [{ ...aGang(2, { required: 'rack' }), priority: 200 }] })
    snapshot.topologyLevels = LEVELS
    const [preemption] = plan(snapshot, 100).preemptions
    assert.deepEqual(preemption?.victims.toSorted(), ['on n1', 'on n2'])
    carryOut(snapshot, plan(snapshot, 100), 100)
    end(
      snapshot,
      [...snapshot.running.values()].filter(({ isGoing }) => isGoing),
    )
    assert.deepEqual(nodesOf(plan(snapshot, 100)), ['n1', 'n2'])
  })
})

describe('a preferred level', () => {
  test('is given where a domain holds the gang', () => {
    assert.deepEqual(nodesOf(plan(clusterOf(TWO_RACKS, [aGang(2, { preferred: 'rack' })]), 0)), ['n1', 'n2'])
  })

  test('gives way to the nearest level outside of it that holds the gang, in as few domains as can be', () => {
    const nodes = [...TWO_RACKS, at('z2/r1/n6'), at('z2/r2/n7'), at('z2/r3/n8'), at('z2/r4/n9')]
    const four = plan(clusterOf(nodes, [aGang(4, { preferred: 'rack' })]), 0)
    // Zone z2 holds exactly four.
    assert.deepEqual(nodesOf(four), ['n6', 'n7', 'n8', 'n9'])
    const five = plan(clusterOf(nodes, [aGang(5, { preferred: 'rack' })]), 0)
    assert.deepEqual(nodesOf(five), ['n1', 'n2', 'n3', 'n4', 'n5'])
    const seven = plan(clusterOf(nodes, [aGang(7, { preferred: 'rack' })]), 0)
    assert.deepEqual(nodesOf(seven), ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'])
  })

  test('does not reach beyond a required one', () => {
    const nodes = [at('z1/r1/n1'), at('z2/r1/n2'), at('z2/r2/n3')]
    const decided = plan(clusterOf(nodes, [aGang(2, { required: 'zone', preferred: 'rack' })]), 0)
    assert.deepEqual(nodesOf(decided), ['n2', 'n3'])
  })

  test('keeps nobody from starting, on nodes without labels too', () => {
    const nodes = [at('z1/r1/n1'), at('//n2')]
    assert.deepEqual(admitted(plan(clusterOf(nodes, [aGang(2, { preferred: 'rack' })]), 0)), [
      'gang → n1/0+1+2+3 n2/0+1+2+3',
    ])
  })
})

describe('for any cluster, levels and gangs,', () => {
  const anyNode = fc.record({
    zone: fc.constantFrom('', 'z1', 'z2'),
    rack: fc.constantFrom('', 'r1', 'r2'),
    free: fc.integer({ min: 0, max: 4 }),
  })
  const anyGang = fc.record({
    slots: fc.integer({ min: 1, max: 6 }),
    gpus: fc.integer({ min: 1, max: 2 }),
    required: fc.constantFrom(null, 'zone', 'rack'),
    preferred: fc.constantFrom(null, 'zone', 'rack'),
  })
  const anyNodes = fc.array(anyNode, { maxLength: 8 })
  type Nodes = typeof anyNodes extends fc.Arbitrary<infer T> ? T : never

  const nodesFrom = (nodes: Nodes) => nodes.map(({ zone, rack, free }, i) => at(`${zone}/${rack}/n${i}`, free))
  const gangFrom = (
    uid: string,
    { slots, gpus, ...topology }: typeof anyGang extends fc.Arbitrary<infer T> ? T : never,
  ) => ({
    ...aGang(slots, topology, gpus),
    uid,
  })

  /** Levels, counted from the outermost, of which all these nodes are in one domain. */
  function depthOf(snapshot: LiveSnapshot, nodes: Iterable<string>): number {
    const paths = [...nodes].map((name) => snapshot.nodes.get(name)?.spec.labels ?? {})
    const isOne = (label: string) => paths.every((path) => path[label] && path[label] === paths[0]?.[label])
    return isOne('zone') ? (isOne('rack') ? 2 : 1) : 0
  }

  test('a required level is never violated, nor a preferred one where a domain of it had room (R19)', () => {
    fc.assert(
      fc.property(anyNodes, anyGang, (nodes, gang) => {
        const snapshot = clusterOf(nodesFrom(nodes), [gangFrom('gang', gang)])
        const decided = plan(snapshot, 0)
        const depth = depthOf(snapshot, nodesOf(decided))
        const need = (level: string | null) => LEVELS.findIndex(({ name }) => name === level) + 1
        if (decided.admissions.length > 0) assert.isAtLeast(depth, need(gang.required))
        // Asked as required, the preferred level alone says whether a domain has room.
        const strict = plan(
          clusterOf(nodesFrom(nodes), [gangFrom('gang', { ...gang, required: gang.preferred, preferred: null })]),
          0,
        )
        if (strict.admissions.length > 0 && need(gang.preferred) >= need(gang.required))
          assert.isAtLeast(depth, need(gang.preferred))
        // And a preference never keeps a gang from starting.
        const free = plan(clusterOf(nodesFrom(nodes), [gangFrom('gang', { ...gang, preferred: null })]), 0)
        assert.equal(decided.admissions.length, free.admissions.length)
      }),
    )
  })

  test('more room never makes a preferred gang lie further apart (R19)', () => {
    fc.assert(
      fc.property(anyNodes, anyNode, anyGang, (nodes, more, gang) => {
        const preferring = { ...gang, required: null, preferred: 'rack' as const }
        const depthOn = (list: Nodes) => {
          const snapshot = clusterOf(nodesFrom(list), [gangFrom('gang', preferring)])
          const decided = plan(snapshot, 0)
          return decided.admissions.length === 0 ? -1 : depthOf(snapshot, nodesOf(decided))
        }
        assert.isAtLeast(depthOn([...nodes, more]), depthOn(nodes))
      }),
    )
  })

  test('a plan is the same with the memo of what came before, whatever changed of nodes and levels', () => {
    const anyChange = fc.oneof(
      fc.record({ node: fc.nat({ max: 7 }), to: anyNode }),
      fc.record({ levels: fc.constantFrom(LEVELS, LEVELS.slice(0, 1), LEVELS.toReversed(), []) }),
      fc.record({ gang: anyGang }),
      fc.constant({ carryOut: true }),
    )
    fc.assert(
      fc.property(
        anyNodes,
        fc.array(anyGang, { maxLength: 5 }),
        fc.array(anyChange, { maxLength: 8 }),
        (nodes, gangs, changes) => {
          const snapshot = clusterOf(
            nodesFrom(nodes),
            gangs.map((gang, i) => gangFrom(`gang-${i}`, gang)),
          )
          const memo = new Memo()
          let decided = plan(snapshot, 0, memo)
          for (const [i, change] of changes.entries()) {
            if ('node' in change) {
              const { zone, rack, free } = change.to
              const name = `n${change.node}`
              const isHeld = [...snapshot.running.values()].some(({ held }) => held.some(({ node }) => node === name))
              if (!isHeld) snapshot.nodes.set(name, at(`${zone}/${rack}/${name}`, free))
            } else if ('levels' in change) snapshot.topologyLevels = change.levels
            else if ('gang' in change) snapshot.setPending(gangFrom(`late-${i}`, change.gang))
            else carryOut(snapshot, decided)
            decided = plan(snapshot, 0, memo)
            assert.deepEqual(told(decided), told(plan(snapshot, 0)))
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  function told({ admissions, explanations }: Plan) {
    const reasons = explanations.map(({ jobs, cause }) =>
      JSON.stringify([jobs.map(({ uid }) => uid), describeCause(cause)]),
    )
    for (const { job } of admissions) assert.isTrue(isGang(job.demand))
    return { admissions, reasons: reasons.toSorted() }
  }
})
