import { assert, describe, test } from 'vitest'
import { gangOf } from '../model/gang.ts'
import { holdingAt, nodeUnder } from '../model/node.ts'
import type { LabelRule, NodeAffinity } from '../model/nodeAffinity.ts'
import { hostPortName } from '../model/others.ts'
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
import { describeCause } from './describe.ts'
import { Memo } from './memo.ts'
import { plan } from './plan.ts'

const affinity = (operator: LabelRule['operator'], ...values: string[]): NodeAffinity => ({
  required: [[{ labels: [{ key: 'zone', operator, values }], names: [] }]],
  preferred: [],
})
const inZones = (...zones: string[]) => zones.map((zone, i) => aNode(`n${i + 1}`, { gpus: 2, labels: { zone } }))

describe('node affinity', () => {
  test('that is required is never given up', () => {
    const job = aJob('picky', aPod({ gpus: 1, affinity: affinity('NotIn', 'a') }), { slots: 3 })
    const decided = plan(aSnapshot({ nodes: inZones('a', 'b', 'a'), jobs: [job] }), 0)
    assert.deepEqual(waiting(decided), { picky: 'GangLargerThanCluster' })
    const two = aJob('picky', aPod({ gpus: 1, affinity: affinity('NotIn', 'a') }), { slots: 2 })
    assert.deepEqual(admitted(plan(aSnapshot({ nodes: inZones('a', 'b', 'a'), jobs: [two] }), 0)), [
      'picky → n2/0 n2/1',
    ])
  })

  test('that no node meets is said', () => {
    const job = aJob('picky', aPod({ gpus: 1, affinity: affinity('In', 'c') }))
    const [explanation] = plan(aSnapshot({ nodes: inZones('a'), jobs: [job] }), 0).explanations
    const reason = explanation && describeCause(explanation.cause)
    assert.equal(reason?.code, 'NoMatchingFlavor')
    assert.include(reason?.message, 'this node affinity')
  })

  test('that is preferred goes before density, and gives way where there is no room', () => {
    const preferred = [
      { weight: 1, term: { labels: [{ key: 'zone', operator: 'In' as const, values: ['b'] }], names: [] } },
    ]
    const pod = aPod({ gpus: 1, affinity: { required: [], preferred } })
    const nodes = [aNode('n1', { gpus: 1, labels: { zone: 'a' } }), aNode('n2', { gpus: 2, labels: { zone: 'b' } })]
    const snapshot = aSnapshot({ nodes, jobs: [1, 2, 3].map((i) => aJob(`${i}`, pod)) })
    assert.deepEqual(admitted(plan(snapshot, 0)), ['1 → n2/0', '2 → n2/1', '3 → n1/0'])
  })
})

describe('what else is counted on a node', () => {
  const hcas = (count: number) => ({ 'rdma/hca': count })
  const withHcas = (name: string, count: number) => aNode(name, { gpus: 8, others: hcas(count) })

  test('bounds how many pods it takes, within a gang and between jobs', () => {
    const pod = aPod({ gpus: 1, others: hcas(2) })
    const nodes = [withHcas('n1', 4), withHcas('n2', 3)]
    const jobs = [aJob('gang', pod, { slots: 2 }), aJob('one', pod), aJob('late', pod)]
    const decided = plan(aSnapshot({ nodes, jobs }), 0)
    assert.deepEqual(admitted(decided), ['gang → n1/0 n1/1', 'one → n2/0'])
    assert.deepEqual(waiting(decided), { late: 'InsufficientCapacity' })
  })

  test('is none on a node that does not offer it, which is said at once', () => {
    const decided = plan(aSnapshot({ nodes: [aNode('n1')], jobs: [aJob('one', aPod({ others: hcas(1) }))] }), 0)
    const [explanation] = decided.explanations
    assert.include(explanation && describeCause(explanation.cause).message, '1 of rdma/hca')
    assert.deepEqual(waiting(decided), { one: 'GangLargerThanCluster' })
  })

  test('is taken by what holds it, and free again when that ends, also to a plan with a memo', () => {
    const pod = aPod({ others: hcas(1) })
    const snapshot = aSnapshot({ nodes: [withHcas('n1', 1)], jobs: [aJob('first', pod), aJob('second', pod)] })
    const memo = new Memo()
    const decided = plan(snapshot, 0, memo)
    assert.deepEqual(admitted(decided), ['first → n1/'])
    carryOut(snapshot, decided)
    assert.deepEqual(admitted(plan(snapshot, 0, memo)), [])
    end(snapshot, [...snapshot.running.values()])
    assert.deepEqual(admitted(plan(snapshot, 0, memo)), ['second → n1/'])
  })

  test('may be more than there is where a node has lost some, and then takes nobody', () => {
    const { spec } = withHcas('n1', 1)
    const pod = aPod({ others: hcas(1) })
    const node = nodeUnder(spec, [holdingAt({ ...pod, others: hcas(3) }, [])])
    assert.deepEqual(waiting(plan(aSnapshot({ nodes: [node], jobs: [aJob('one', pod), aJob('none', aPod())] }), 0)), {
      one: 'InsufficientCapacity',
    })
  })

  test('of a host port each node has one', () => {
    const pod = aPod({ others: { [hostPortName('TCP', 80)]: 1 } })
    const nodes = [aNode('n1'), aNode('n2')]
    const jobs = [
      aJob('pair', pod, { slots: 2 }),
      aJob('udp', aPod({ others: { [hostPortName('UDP', 80)]: 1 } })),
      aJob('late', pod),
    ]
    const decided = plan(aSnapshot({ nodes, jobs }), 0)
    assert.deepEqual(admitted(decided), ['pair → n1/ n2/', 'udp → n1/'])
    assert.deepEqual(waiting(decided), { late: 'InsufficientCapacity' })
  })

  test('is made room for by stopping others', () => {
    const pod = aPod({ others: hcas(1) })
    const snapshot = aSnapshot({ nodes: [withHcas('n1', 1)], jobs: [aJob('low', pod)] })
    carryOut(snapshot, plan(snapshot, 0))
    snapshot.setPending(aJob('high', pod, { priority: 200 }))
    assert.deepEqual(
      plan(snapshot, 0).preemptions.map(({ victims }) => victims),
      [['low']],
    )
  })
})

describe('a MIG profile', () => {
  const migs = { 'nvidia.com/mig-2g.20gb': 1 }

  test('is counted on its own, beside the GPUs of a node', () => {
    const nodes = [aNode('n1', { gpus: 0, deviceControl: 'COUNT', others: { 'nvidia.com/mig-2g.20gb': 3 } })]
    const decided = plan(
      aSnapshot({
        nodes,
        jobs: [aJob('three', aPod({ others: migs }), { slots: 3 }), aJob('late', aPod({ others: migs }))],
      }),
      0,
    )
    assert.deepEqual(admitted(decided), ['three → n1/ n1/ n1/'])
    assert.deepEqual(waiting(decided), { late: 'InsufficientCapacity' })
  })

  test('counts in the quota of GPUs as its part of one', () => {
    const nodes = [aNode('n1', { gpus: 0, others: { 'nvidia.com/mig-2g.20gb': 9 } })]
    const queues = [aQueue('default', { nominal: 1, borrowing: 0 })]
    const jobs = [1, 2, 3, 4].map((i) => aJob(`${i}`, aPod({ others: migs })))
    const snapshot = aSnapshot({ nodes, queues, jobs })
    carryOut(snapshot, plan(snapshot, 0))
    assert.deepEqual(waiting(plan(snapshot, 0)), { 4: 'WaitingForQuota' })
    assert.equal(snapshot.running.get('1')?.amounts.GPU, 286)
  })
})

test('gangs that ask the same have the same key, in whatever order they say it, and others not', () => {
  const key = (pod: Parameters<typeof aPod>[0]) => gangOf(1, aPod(pod)).key
  assert.equal(key({ others: { a: 1, b: 2 } }), key({ others: { b: 2, a: 1 } }))
  assert.notEqual(key({ others: { a: 1 } }), key({}))
  assert.notEqual(key({ affinity: affinity('In', 'a') }), key({ affinity: affinity('In', 'b') }))
  assert.equal(aRunning('r', 'n1/0').gang?.key, key({ gpus: 1 }))
})
