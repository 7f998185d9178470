import { assert, describe, expect, test } from 'vitest'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import { observeJob } from './observeJob.ts'

const owner = { tenantId: 'tenant_acme', projectId: 'project_research' }
const at = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}Z`

function job(overrides: { metadata?: object; spec?: object; status?: object } = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'train',
      namespace: 't-acme-research',
      uid: 'uid-job',
      creationTimestamp: at(0),
      annotations: { [annotations.admittedAt]: at(10) },
      ...overrides.metadata,
    },
    spec: {
      suspend: false,
      parallelism: 2,
      completions: 2,
      template: { spec: { containers: [{ name: 'main', image: 'train:1' }] } },
      ...overrides.spec,
    },
    status: overrides.status ?? {},
  } as Job
}

/** A pod of the Job that has started, under an admission. */
function pod(admittedSecond: number, startedSecond: number, metadata: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod', annotations: { [annotations.admittedAt]: at(admittedSecond) }, ...metadata },
    status: { containerStatuses: [{ name: 'main', state: { running: { startedAt: at(startedSecond) } } }] },
  } as unknown as Pod
}

describe('a Job runs', () => {
  test('from when the last pod it needs has started', () => {
    const { state, startedAt } = observeJob(job(), owner, [pod(10, 14), pod(10, 12)])
    expect({ state, startedAt }).toEqual({ state: 'RUNNING', startedAt: at(14) })
  })

  test('not while a pod is missing', () => {
    expect(observeJob(job(), owner, [pod(10, 12)])).toMatchObject({ state: 'ADMITTED', startedAt: null })
  })

  test('with as many pods as run at a time, however many it makes in all', () => {
    const many = job({ spec: { parallelism: 2, completions: 5 } })
    expect(observeJob(many, owner, [pod(10, 12), pod(10, 13), pod(20, 21)])).toMatchObject({ startedAt: at(13) })
  })

  test('not by pods of an earlier admission, which stay until they are metered', () => {
    expect(observeJob(job(), owner, [pod(5, 6), pod(5, 6), pod(10, 12)])).toMatchObject({ state: 'ADMITTED' })
  })

  test('not by pods that are being deleted, when both admissions fell into one second', () => {
    const leaving = pod(10, 10, { deletionTimestamp: at(10) })
    expect(observeJob(job(), owner, [leaving, pod(10, 12)])).toMatchObject({ state: 'ADMITTED' })
  })

  test('no longer once it is suspended', () => {
    const suspended = job({ spec: { suspend: true, parallelism: 1, completions: 1 } })
    expect(observeJob(suspended, owner, [pod(10, 12)])).toMatchObject({
      state: 'PENDING',
      admittedAt: null,
      startedAt: null,
    })
  })
})

describe('the queue of a Job', () => {
  test('is the one its label names', () => {
    const labelled = job({ metadata: { labels: { [labels.queue]: 'acme.fast' } } })
    assert.equal(observeJob(labelled, owner, []).queue, 'acme.fast')
  })

  test('without a label is the one the scheduler puts it in', () => {
    assert.equal(observeJob(job(), owner, []).queue, 'default')
  })
})

describe('what a Job asks for', () => {
  const resourcesOf = (resources: object, annotations: Record<string, string> = {}) => {
    const template = {
      metadata: { annotations },
      spec: { containers: [{ name: 'main', image: 'train:1', resources }] },
    }
    return observeJob(job({ spec: { template } }), owner, []).spec.resources
  }

  test('is what its first container requests, and the GPUs it is limited to', () => {
    const resources = { requests: { cpu: '1500m', memory: '2Gi' }, limits: { memory: '4Gi', 'nvidia.com/gpu': '2' } }
    const gpu = { count: 2, share: null, memoryMiB: null, models: [] }
    expect(resourcesOf(resources)).toEqual({ cpu: '1.5', memoryMiB: 2048, gpu })
  })

  test('is its limits where it requests nothing', () => {
    expect(resourcesOf({ limits: { cpu: '2', memory: '1Gi' } })).toEqual({ cpu: '2', memoryMiB: 1024, gpu: null })
  })

  test('may be a share of a device, of some models', () => {
    const wanted = { [annotations.gpuShare]: '0.5', [annotations.gpuModels]: 'H100,A100' }
    const gpu = { count: null, share: '0.5', memoryMiB: null, models: ['H100', 'A100'] }
    expect(resourcesOf({}, wanted)).toEqual({ cpu: '0', memoryMiB: 0, gpu })
  })
})

test('what a tenant wrote as a reason that is no JSON says nothing', () => {
  const scribbled = job({ spec: { suspend: true }, metadata: { annotations: { [annotations.pending]: 'soon' } } })
  assert.isNull(observeJob(scribbled, owner, []).pending)
})
