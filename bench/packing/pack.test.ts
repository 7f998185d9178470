import { assert, describe, test } from 'vitest'
import type { TraceDemand, TraceNode } from '../../bin/replay/trace.ts'
import { faultsOf } from './faults.ts'
import { type PackedPod, pack, type Rules } from './pack.ts'

const nodes: TraceNode[] = [
  { name: 'n1', cpuMilli: 8000, memoryMiB: 8192, gpus: 2, model: 'T4' },
  { name: 'n2', cpuMilli: 8000, memoryMiB: 8192, gpus: 1, model: 'P100' },
]
const pod = (name: string, more: Partial<TraceDemand> = {}): TraceDemand => {
  return { name, cpuMilli: 1000, memoryMiB: 1024, gpus: 1, gpuMilli: 1000, models: [], ...more }
}
const AS_THEY_COME: Rules = { lookAhead: 1, demand: 'learned', known: [], pools: 'one' }

describe('a packing', () => {
  test('gives each pod a place as long as there is one, and drops the others', () => {
    const pods = [pod('a', { models: ['T4'] }), pod('b', { models: ['T4'] }), pod('c', { models: ['T4'] }), pod('d')]
    const packed = pack(nodes, pods, AS_THEY_COME)
    assert.deepEqual(
      packed.map((placed) => `${placed.pod.name} ${placed.node}/${placed.devices}`),
      ['a n1/0', 'b n1/1', 'd n2/0'],
    )
    assert.deepEqual(faultsOf(nodes, pods, packed), [])
  })

  test('leaves room for what was asked before, unless it is not told', () => {
    // Densely it would go to n1, of which least is left; the second GPU of n2 is the one without CPU.
    const two: TraceNode[] = [
      { name: 'n1', cpuMilli: 8000, memoryMiB: 8192, gpus: 1, model: 'T4' },
      { name: 'n2', cpuMilli: 5000, memoryMiB: 8192, gpus: 2, model: 'T4' },
    ]
    const known = [pod('large', { cpuMilli: 4000 })]
    const nodeOf = (demand: Rules['demand']) => pack(two, [pod('small')], { ...AS_THEY_COME, demand, known })[0]?.node
    assert.equal(nodeOf('learned'), 'n2')
    assert.equal(nodeOf('ignored'), 'n1')
  })

  test('looks ahead: of those that wait together the largest goes first', () => {
    const pods = [pod('half', { gpuMilli: 500 }), pod('two', { gpus: 2 }), pod('one')]
    const order = (lookAhead: number) =>
      pack(nodes, pods, { ...AS_THEY_COME, lookAhead }).map((placed) => placed.pod.name)
    assert.deepEqual(order(3), ['two', 'one'])
    assert.deepEqual(order(1), ['half', 'two'])
  })

  test('by pools of one model gives what one pool gives, where the pods say which model they take', () => {
    const pods = [pod('a', { models: ['P100'] }), pod('b', { models: ['T4'] })]
    assert.deepEqual(pack(nodes, pods, { ...AS_THEY_COME, pools: 'by model' }), pack(nodes, pods, AS_THEY_COME))
  })
})

describe('a packing that cannot be', () => {
  const whole = pod('whole')
  const cases: Record<string, { packed: PackedPod[]; want: RegExp }> = {
    'takes more of a GPU than there is': {
      packed: [
        { pod: whole, node: 'n2', devices: [0] },
        { pod: pod('more', { gpuMilli: 1 }), node: 'n2', devices: [0] },
      ],
      want: /no 1 left of GPU 0 for more/,
    },
    'takes a GPU that the node does not have': {
      packed: [{ pod: whole, node: 'n2', devices: [1] }],
      want: /no 1000 left of GPU 1/,
    },
    'takes fewer GPUs than asked': {
      packed: [{ pod: pod('two', { gpus: 2 }), node: 'n1', devices: [1, 1] }],
      want: /two asks 2 GPUs and has 1;1/,
    },
    'takes CPU that is not there': {
      packed: [{ pod: pod('cpu', { cpuMilli: 8001 }), node: 'n1', devices: [0] }],
      want: /no CPU or memory left for cpu/,
    },
    'takes memory that is not there': {
      packed: [{ pod: pod('memory', { memoryMiB: 8193 }), node: 'n1', devices: [0] }],
      want: /no CPU or memory left for memory/,
    },
    'takes a model that the pod does not': {
      packed: [{ pod: pod('picky', { models: ['T4'] }), node: 'n2', devices: [0] }],
      want: /picky takes T4 and is on n2, which has P100/,
    },
    'is on a node that is not there': { packed: [{ pod: whole, node: 'n3', devices: [0] }], want: /no node/ },
    'has a pod twice': {
      packed: [
        { pod: whole, node: 'n1', devices: [0] },
        { pod: whole, node: 'n1', devices: [1] },
      ],
      want: /whole is there twice/,
    },
  }
  for (const [name, { packed, want }] of Object.entries(cases)) {
    test(name, () => {
      const asked = [...new Set(packed.map((placed) => placed.pod))]
      const faults = faultsOf(nodes, asked, packed)
      assert.match(faults.join('\n'), want)
    })
  }
})
