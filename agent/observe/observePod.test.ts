import { assert, describe, expect, test } from 'vitest'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import type { PodObservation } from '../../platform/link/protocol.ts'
import { observePod } from './observePod.ts'

const owner = { tenantId: 'tenant_acme', projectId: 'project_research' }
const at = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}Z`

function pod({ metadata, spec, status }: { metadata?: object; spec?: object; status?: object } = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 't', uid: 'uid-p', creationTimestamp: at(0), ...metadata },
    spec: { containers: [{ name: 'main', image: 'train:1' }], ...spec },
    status: status ?? {},
  } as Pod
}
const container = (state: object) => ({ name: 'main', state })
const terminated = (startedAt: number, finishedAt: number, exitCode = 0) =>
  container({ terminated: { startedAt: at(startedAt), finishedAt: at(finishedAt), exitCode, reason: 'Completed' } })
const condition = (type: string, second: number) => ({ type, status: 'True', lastTransitionTime: at(second) })

describe('a pod is told', () => {
  const cases: Record<string, { pod: Pod; want: Partial<PodObservation> }> = {
    'as pending before a kubelet has it': { pod: pod(), want: { phase: 'Pending', node: null, startedAt: null } },
    'with its owner from the namespace, not from its own labels': {
      pod: pod({ metadata: { labels: { [labels.tenant]: 'tenant_other', [labels.job]: 'job_1' } } }),
      want: { ...owner, jobId: 'job_1' },
    },
    'with the Job that controls it': {
      pod: pod({
        metadata: {
          ownerReferences: [
            { kind: 'Job', name: 'stranger', uid: 'uid-stranger', controller: false },
            { kind: 'Job', name: 'train', uid: 'uid-train', controller: true },
          ],
        },
      }),
      want: { jobUid: 'uid-train' },
    },
    'without a Job where something else controls it': {
      pod: pod({ metadata: { ownerReferences: [{ kind: 'ReplicaSet', name: 'r', uid: 'uid-r', controller: true }] } }),
      want: { jobUid: null },
    },
    'with the requests of all its containers': {
      pod: pod({
        spec: {
          containers: [
            { name: 'a', resources: { requests: { cpu: '1500m', memory: '1Gi' } } },
            { name: 'b', resources: { requests: { cpu: '0.5', memory: '1' } } },
            { name: 'c' },
          ],
        },
      }),
      want: { cpuMilli: 2_000, memoryMiB: 1_025 },
    },
    'as running from the first start of its containers': {
      pod: pod({
        status: {
          phase: 'Running',
          containerStatuses: [
            container({ running: { startedAt: at(9) } }),
            container({ running: { startedAt: at(7) } }),
          ],
        },
      }),
      want: { phase: 'Running', startedAt: at(7), finishedAt: null },
    },
    'as ended with the last end of its containers, however late that was noticed': {
      pod: pod({
        metadata: { deletionTimestamp: at(50) },
        status: {
          phase: 'Failed',
          conditions: [condition('Ready', 40)],
          containerStatuses: [terminated(5, 20, 3), terminated(6, 30)],
        },
      }),
      want: { phase: 'Failed', startedAt: at(5), finishedAt: at(30), exitCode: 3, reason: 'Completed' },
    },
    'not as ended while it only shuts down': {
      pod: pod({
        metadata: { deletionTimestamp: at(50) },
        status: { phase: 'Running', containerStatuses: [terminated(5, 20)] },
      }),
      want: { finishedAt: null },
    },
    'as ended when the kubelet turned it away': {
      pod: pod({
        status: { phase: 'Failed', reason: 'OutOfcpu', startTime: at(12), conditions: [condition('PodScheduled', 11)] },
      }),
      want: { phase: 'Failed', reason: 'OutOfcpu', startedAt: null, finishedAt: at(12) },
    },
    'as ended when its node was found to be lost, although one of its containers had ended before': {
      pod: pod({
        metadata: { deletionTimestamp: at(50) },
        status: {
          phase: 'Failed',
          startTime: at(4),
          conditions: [condition('Ready', 5), condition('DisruptionTarget', 45)],
          containerStatuses: [terminated(5, 20), container({ running: { startedAt: at(6) } })],
        },
      }),
      want: { finishedAt: at(45) },
    },
    'as ended by its deletion where no kubelet ever had it': {
      pod: pod({ metadata: { deletionTimestamp: at(33) }, status: { phase: 'Failed' } }),
      want: { finishedAt: at(33) },
    },
  }
  for (const [name, { pod, want }] of Object.entries(cases)) {
    test(name, () => expect(observePod(pod, owner)).toMatchObject(want))
  }
})

describe('what a tenant writes on a pod', () => {
  const told = {
    [annotations.admittedAt]: at(1),
    [annotations.slot]: '0',
    [annotations.devices]: JSON.stringify([{ index: 0, uuid: 'GPU-0', model: 'H100', share: '1' }]),
  }

  test('counts for nothing before it is bound', () => {
    expect(observePod(pod({ metadata: { annotations: told } }), owner)).toMatchObject({
      admittedAt: null,
      slot: null,
      devices: [],
    })
  })

  test('does not change a binding that was read before', () => {
    const scribbled = pod({ metadata: { annotations: { [annotations.devices]: '[]' } }, spec: { nodeName: 'gpu-1' } })
    const binding = { admittedAt: at(1), slot: 4, devices: [] }
    expect(observePod(scribbled, owner, binding)).toMatchObject(binding)
  })

  test('in place of a quantity is no reason to leave the pod out', () => {
    const requests = { cpu: '1e9999', memory: '1e40' }
    const { cpuMilli, memoryMiB } = observePod(
      pod({ spec: { containers: [{ name: 'main', resources: { requests } }] } }),
      owner,
    )
    assert.deepEqual({ cpuMilli, memoryMiB }, { cpuMilli: 0, memoryMiB: 2 ** 31 - 1 })
  })
})
