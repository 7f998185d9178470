import { assert, describe, expect, test } from 'vitest'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job, Node, Queue } from '../../kubernetes/objects.ts'
import { jobOf } from '../testkit/stage.ts'
import { readJob } from './readJob.ts'
import { readNode } from './readNode.ts'
import { readQueue } from './readQueue.ts'

describe('a Node', () => {
  const node = (
    more: Partial<Node> & { labels?: Record<string, string>; annotations?: Record<string, string> } = {},
  ): Node => {
    const { labels: told = {}, annotations: written = {}, ...rest } = more
    const allocatable = { cpu: '32', memory: '128Gi', pods: '110', 'nvidia.com/gpu': '2' }
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1', labels: told, annotations: written },
      status: { allocatable, conditions: [{ type: 'Ready', status: 'True' }] },
      ...rest,
    }
  }

  test('belongs to its pool, or else to that of its GPU model', () => {
    assert.equal(readNode(node({ labels: { [labels.pool]: 'west', [labels.gpuModel]: 'A100' } })).flavor, 'west')
    assert.equal(readNode(node({ labels: { [labels.gpuModel]: 'A100' } })).flavor, 'A100')
    assert.equal(readNode(node()).flavor, 'default')
  })

  test('with an ordinary device plugin has as many devices as it counts, without names', () => {
    const { devices, deviceControl } = readNode(
      node({ labels: { [labels.gpuModel]: 'T4', [labels.gpuMemoryMib]: '16384' } }),
    )
    assert.equal(deviceControl, 'COUNT')
    assert.deepEqual(devices[1], { index: 1, uuid: '', model: 'T4', memoryMiB: 16384, healthy: true })
  })

  test('that lists its devices has those, by index, and says which are broken', () => {
    const list = [
      { index: 1, uuid: 'GPU-b', memoryMiB: 100, health: 'Unhealthy' },
      { index: 0, uuid: 'GPU-a', memoryMiB: 100, health: 'Healthy' },
    ]
    const told = { [labels.deviceControl]: 'SIMULATED', [labels.gpuModel]: 'H100' }
    const { devices } = readNode(
      node({ labels: told, annotations: { [annotations.nodeDevices]: JSON.stringify(list) } }),
    )
    assert.deepEqual(
      devices.map(({ uuid, healthy }) => [uuid, healthy]),
      [
        ['GPU-a', true],
        ['GPU-b', false],
      ],
    )
  })

  test('with a list that cannot be read offers no device', () => {
    const told = { [labels.deviceControl]: 'SIMULATED' }
    for (const text of ['{', '{}', 'null', '[null]', '[{"index":"a"}]']) {
      assert.deepEqual(
        readNode(node({ labels: told, annotations: { [annotations.nodeDevices]: text } })).devices,
        [],
        text,
      )
    }
  })

  test('takes no pods while it is not ready, cordoned or on its way out', () => {
    assert.isTrue(readNode(node()).accepting)
    assert.isFalse(readNode(node({ spec: { unschedulable: true } })).accepting)
    assert.isFalse(readNode(node({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })).accepting)
    assert.isFalse(
      readNode({ ...node(), metadata: { name: 'n1', deletionTimestamp: '2026-01-01T00:00:00Z' } }).accepting,
    )
  })
})

test('a Queue counts GPUs and cores in thousandths, memory in MiB, and what is not set as no limit', () => {
  const quotas: Queue['spec']['quotas'] = [
    { flavor: 'a100', resource: 'GPU', nominalQuota: '1.5', borrowingLimit: '0' },
    { flavor: '*', resource: 'CPU', nominalQuota: '64', lendingLimit: '0.5' },
    { flavor: '*', resource: 'MEMORY', nominalQuota: '1024' },
  ]
  const queue = readQueue({
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Queue',
    metadata: { name: 'q' },
    spec: { quotas, weight: '2' },
  })
  expect(queue).toEqual({
    name: 'q',
    parent: null,
    tenantId: null,
    weightThousandths: 2000,
    strategy: 'BestEffortFIFO',
    stopPolicy: 'None',
    minRuntimeMs: 0,
    flavorFungibility: { whenCanBorrow: 'MayStopSearch', whenCanPreempt: 'TryNextFlavor' },
    usageHalfLifeMs: null,
    quotas: [
      { flavor: 'a100', resource: 'GPU', nominalQuota: 1500, borrowingLimit: 0, lendingLimit: null },
      { flavor: '*', resource: 'CPU', nominalQuota: 64_000, borrowingLimit: null, lendingLimit: 500 },
      { flavor: '*', resource: 'MEMORY', nominalQuota: 1024, borrowingLimit: null, lendingLimit: null },
    ],
  })
})

describe('a Job', () => {
  const read = (more: Partial<Job['metadata']> = {}, spec: Partial<NonNullable<Job['spec']>> = {}) => {
    const { metadata, ...job } = jobOf({ slots: 4, gpus: 1, spec })
    return readJob({ ...job, metadata: { ...metadata, uid: 'uid', generation: 1, ...more } }, null)
  }

  test('has as many slots as pods run at once', () => {
    expect(read().demand).toMatchObject({ slots: 4 })
    expect(read({}, { completions: 2, parallelism: 8 }).demand).toMatchObject({ slots: 2 })
    expect(read({}, { completions: 9, parallelism: 3 }).demand).toMatchObject({ slots: 3 })
  })

  test('has a slot per index only where every index has a pod from the start', () => {
    assert.isTrue(read().slotIsIndex)
    assert.isFalse(read({}, { completions: 8 }).slotIsIndex)
    assert.isFalse(read({}, { completionMode: 'NonIndexed' }).slotIsIndex)
  })

  test('that asks for no pods, or is another controller’s, cannot be admitted', () => {
    expect(read({}, { parallelism: 0 }).demand).toMatchObject({ code: 'InvalidRequest' })
    expect(read({}, { managedBy: 'example.test/other' }).demand).toMatchObject({ code: 'UnsupportedField' })
  })

  test('says nothing where its annotations cannot be read', () => {
    for (const text of ['', '{', 'null', '7', '[]', '{"attempt":"x","notBefore":1}']) {
      const { admission, requeue, pendingCode } = read({
        annotations: {
          [annotations.assignment]: text,
          [annotations.admittedAt]: '2026-01-01T00:00:00Z',
          [annotations.epoch]: '1',
          [annotations.requeue]: text,
          [annotations.pending]: text,
        },
      })
      assert.deepEqual([admission, requeue, pendingCode], [null, null, null], text)
    }
  })

  test('keeps what was read of a spec that has not changed', () => {
    const { metadata, ...job } = jobOf({ gpus: 1 })
    const first = readJob({ ...job, metadata: { ...metadata, generation: 1 } }, null)
    assert.equal(readJob({ ...job, metadata: { ...metadata, generation: 1, labels: {} } }, first).demand, first.demand)
    assert.notEqual(readJob({ ...job, metadata: { ...metadata, generation: 2 } }, first).demand, first.demand)
  })
})
