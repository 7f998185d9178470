import { assert, describe, test } from 'vitest'
import { type Gang, gangOf, type PodRequest } from '../model/gang.ts'
import type { PendingJob } from '../model/job.ts'
import type { NodeState } from '../model/node.ts'
import { admitted, aJob, aNode, aPod, aSnapshot, withUsed } from '../testkit/builders.ts'
import { plan } from './plan.ts'

/** Where the job goes when others usually ask for such pods. */
function placed(nodes: readonly NodeState[], job: PendingJob, others: readonly PodRequest[]): string | undefined {
  const snapshot = aSnapshot({ nodes, jobs: [job] })
  for (const pod of others) snapshot.noteDemand(gangOf(100, pod))
  return admitted(plan(snapshot, 0))[0]
}

describe('where others usually ask for something', () => {
  test('a share goes where it breaks least of what they ask for', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 2 }), [500, 1000]), aNode('n2', { gpus: 2, cpuMilli: 4000 })]
    const job = aJob('half', aPod({ share: 500 }))
    // n2 has whole GPUs, and no CPU that would go with them.
    assert.equal(placed(nodes, job, [aPod({ share: 500, cpuMilli: 8000 })]), 'half → n2/0')
    assert.equal(placed(nodes, job, [aPod({ gpus: 1, cpuMilli: 1000 })]), 'half → n1/0')
  })

  test('and on the device where it does, be it not the fullest', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 2 }), [500, 700])]
    const job = aJob('small', aPod({ share: 200 }))
    assert.equal(placed(nodes, job, [aPod({ share: 300 })]), 'small → n1/0')
    assert.equal(placed(nodes, job, [aPod({ share: 500 })]), 'small → n1/1')
  })

  test('whole devices go where the rest still holds as many pods', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 4 }), [1000]), withUsed(aNode('n2', { gpus: 4 }), [1000, 1000])]
    const job = aJob('one', aPod({ gpus: 1 }))
    assert.equal(placed(nodes, job, [aPod({ gpus: 2 })]), 'one → n1/1')
    assert.equal(placed(nodes, job, [aPod({ gpus: 3 })]), 'one → n2/2')
  })

  test('CPU is spared where GPUs wait for it', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 1, cpuMilli: 9000 }), [1000]), aNode('n2', { gpus: 1, cpuMilli: 8000 })]
    assert.equal(placed(nodes, aJob('cpu', aPod()), [aPod({ gpus: 1, cpuMilli: 8000 })]), 'cpu → n1/')
  })

  test('a model that they insist on is left to them', () => {
    const nodes = [aNode('h1', { gpus: 1, model: 'H100' }), aNode('n1', { gpus: 2 })]
    const h100 = aPod({ gpu: { count: 1, thousandths: 1000, memoryMiB: 0, models: ['H100'] } })
    assert.equal(placed(nodes, aJob('any', aPod({ gpus: 1 })), [h100]), 'any → n1/0')
    assert.equal(placed(nodes, aJob('any', aPod({ gpus: 1 })), []), 'any → h1/0')
  })

  test('a gang still fills one node before it begins another', () => {
    const nodes = [aNode('n1', { gpus: 4 }), aNode('n2', { gpus: 4 })]
    const job = aJob('gang', aPod({ gpus: 1 }), { slots: 5 })
    assert.equal(placed(nodes, job, [aPod({ gpus: 2 })]), 'gang → n1/0 n1/1 n1/2 n1/3 n2/0')
  })
})

describe('between flavors', () => {
  const devices = (memoryMiB: number) => [{ index: 0, uuid: 'GPU-0', model: 'A100', memoryMiB, healthy: true }]
  const job = aJob('one', aPod({ gpus: 1 }))
  /** The first has CPU for those who usually ask, the second has none. */
  const pair = (secondMemoryMiB: number) => [
    aNode('n1', { flavor: 'first', devices: devices(40_960) }),
    aNode('n2', { flavor: 'second', devices: devices(secondMemoryMiB), cpuMilli: 2000 }),
  ]
  const others = [aPod({ gpus: 1, cpuMilli: 16_000 })]

  test('with devices as large it goes where it takes least of what they ask for', () => {
    assert.equal(placed(pair(40_960), job, others), 'one → n2/0')
  })

  test('the one with smaller devices is tried first, whatever it takes', () => {
    assert.equal(placed(pair(81_920), job, others), 'one → n1/0')
  })

  test('the other one does where the better one is full', () => {
    const [first, second] = pair(40_960)
    assert.ok(first && second)
    assert.equal(placed([first, withUsed(second, [1000])], job, others), 'one → n1/0')
  })
})

describe('where nothing is known', () => {
  test('of what others ask, pods are placed densely', () => {
    const nodes = [withUsed(aNode('n1', { gpus: 4 }), [1000]), withUsed(aNode('n2', { gpus: 4 }), [1000, 1000])]
    const { typical: _, ...rest } = { ...aSnapshot({ nodes, jobs: [aJob('one', aPod({ gpus: 1 }))] }), typical: [] }
    assert.deepEqual(admitted(plan(rest, 0)), ['one → n2/2'])
  })

  test('of a taken node, more of it than there is counts for nothing', () => {
    const over = { ...withUsed(aNode('n1', { gpus: 2 }), [1500]), freeCpuMilli: -5000, freeMemoryMiB: -1 }
    const none: Gang['pod'] = aPod({ gpus: 1, cpuMilli: 0, memoryMiB: 0 })
    assert.equal(placed([over], aJob('none', none), [none, aPod({ share: 100 })]), 'none → n1/1')
  })
})
