import { assert, describe, expect, test } from 'vitest'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Node } from '../../kubernetes/objects.ts'
import type { NodeObservation } from '../../platform/link/protocol.ts'
import { observeNode } from './observeNode.ts'

const READY = { conditions: [{ type: 'Ready', status: 'True' }] }
const h100 = { [labels.gpuModel]: 'H100', [labels.gpuMemoryMib]: '81559' }

interface Wish {
  labels?: Record<string, string>
  annotations?: Record<string, string>
  spec?: object
  status?: object
}
function node({ labels = {}, annotations = {}, spec = {}, status = {} }: Wish = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels, annotations },
    spec,
    status: { ...READY, ...status },
  } as Node
}

describe('a node is told', () => {
  const simulated = { ...h100, [labels.deviceControl]: 'SIMULATED' }
  const told = [
    { index: 1, uuid: 'GPU-b', memoryMiB: 81_559, health: 'Unhealthy' },
    { index: 0, uuid: 'GPU-a', memoryMiB: 81_559, health: 'Healthy' },
  ]
  const cases: Record<string, { node: Node; want: Partial<NodeObservation> }> = {
    'with its pool': { node: node({ labels: { ...h100, [labels.pool]: 'big' } }), want: { pool: 'big' } },
    'in the pool of its GPU model where it has no other, as the scheduler has it': {
      node: node({ labels: h100 }),
      want: { pool: 'H100', gpuModel: 'H100' },
    },
    'in the default pool where it has not even that': { node: node(), want: { pool: 'default', gpuModel: null } },
    'as ready': { node: node(), want: { ready: true } },
    'as not ready where its kubelet is silent': {
      node: node({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }),
      want: { ready: false },
    },
    'as not ready where it is cordoned': { node: node({ spec: { unschedulable: true } }), want: { ready: false } },
    'with what it offers, rounded down': {
      node: node({ status: { allocatable: { cpu: '95.9995', memory: '1048575Ki' } } }),
      want: { cpuMilli: 95_999, memoryMiB: 1_023 },
    },
    'with what keeps shares there to their size': {
      node: node({ labels: { ...simulated, [labels.shareEnforcement]: 'MPS' } }),
      want: { shareEnforcement: 'MPS' },
    },
    'with single devices where it tells them, by index': {
      node: node({ labels: simulated, annotations: { [annotations.nodeDevices]: JSON.stringify(told) } }),
      want: { deviceControl: 'SIMULATED', devices: [told[1], told[0]] as NodeObservation['devices'] },
    },
    'with as many devices as the kubelet counts where that is all there is': {
      node: node({ labels: h100, status: { allocatable: { 'nvidia.com/gpu': '2' } } }),
      want: {
        deviceControl: 'COUNT',
        devices: [0, 1].map((index) => ({ index, uuid: '', memoryMiB: 81_559, health: 'Unknown' })),
      },
    },
    'without devices where their list cannot be read': {
      node: node({ labels: simulated, annotations: { [annotations.nodeDevices]: '{"index":' } }),
      want: { devices: [] },
    },
  }
  for (const [name, { node, want }] of Object.entries(cases)) {
    test(name, () => expect(observeNode(node)).toMatchObject(want))
  }

  test('by its name', () => assert.equal(observeNode(node()).name, 'n1'))
})
