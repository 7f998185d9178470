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

  test('from when the fewest of an elastic one have started, also while more come', () => {
    const told = { [annotations.admittedAt]: at(10), [annotations.minCount]: '2', [annotations.count]: '8' }
    const grown = job({ metadata: { annotations: told }, spec: { parallelism: 4, completions: 4 } })
    const seen = observeJob(grown, owner, [pod(10, 12), pod(10, 13), pod(20, 25)])
    expect(seen).toMatchObject({ state: 'RUNNING', startedAt: at(13), spec: { replicas: 8 } })
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

  test('is no GPU where the share makes no sense', () => {
    for (const share of ['0', '1.5', '-1', 'half', '']) {
      assert.isNull(resourcesOf({}, { [annotations.gpuShare]: share }).gpu)
    }
  })

  test('may be a share of a device, of some models', () => {
    const wanted = { [annotations.gpuShare]: '0.5', [annotations.gpuModels]: 'H100,A100' }
    const gpu = { count: null, share: '0.5', memoryMiB: null, models: ['H100', 'A100'] }
    expect(resourcesOf({}, wanted)).toEqual({ cpu: '0', memoryMiB: 0, gpu })
  })
})

describe('the state of a Job', () => {
  const condition = (type: string, more: object = {}) => ({
    conditions: [{ type, status: 'True', lastTransitionTime: at(40), ...more }],
  })
  const told = (given: Parameters<typeof job>[0]) => observeJob(job(given), owner, [])

  test('is PENDING while it is suspended, with the reason that the scheduler wrote', () => {
    const reason = { code: 'InsufficientGpus', message: 'All are taken.', fix: null, since: at(5) }
    const { fix: _, ...written } = reason
    const annotated = { annotations: { [annotations.pending]: JSON.stringify(written) } }
    expect(told({ spec: { suspend: true }, metadata: annotated })).toMatchObject({ state: 'PENDING', pending: reason })
  })

  test('says no reason to wait once it has been admitted', () => {
    const left = { [annotations.pending]: JSON.stringify({ code: 'C', message: 'm', since: at(5) }) }
    expect(told({ metadata: { annotations: left } })).toMatchObject({ state: 'ADMITTED', pending: null })
  })

  test('says why it was evicted', () => {
    const evicted = { at: at(20), reason: 'GangIncomplete', message: 'Not all pods came.' }
    const annotated = { annotations: { [annotations.evicted]: JSON.stringify(evicted) } }
    expect(told({ spec: { suspend: true }, metadata: annotated })).toMatchObject({ state: 'PENDING', evicted })
  })

  test('is SUCCEEDED when it is complete, at its completion', () => {
    const status = { ...condition('Complete'), completionTime: at(39) }
    expect(told({ status })).toMatchObject({ state: 'SUCCEEDED', finishedAt: at(39), failure: null })
  })

  test('is FAILED with the reason of the Job controller', () => {
    const status = condition('Failed', { reason: 'DeadlineExceeded', message: 'too long' })
    const failure = { reason: 'DeadlineExceeded', message: 'too long' }
    expect(told({ status })).toMatchObject({ state: 'FAILED', finishedAt: at(40), failure })
  })

  test('is not FAILED by a condition that does not hold', () => {
    const status = { conditions: [{ type: 'Failed', status: 'False' }] }
    expect(told({ status })).toMatchObject({ state: 'ADMITTED', finishedAt: null })
  })
})

describe('what a tenant scribbles on a Job says nothing, and does not throw', () => {
  const texts = [
    'soon',
    '7',
    'null',
    '"GPU"',
    '[]',
    '{}',
    '{"code":1,"message":2,"since":3}',
    '{"at":"noon","reason":{}}',
  ]
  for (const text of texts) {
    test(`as a reason: ${text}`, () => {
      const scribbled = { [annotations.pending]: text, [annotations.evicted]: text }
      const told = observeJob(job({ spec: { suspend: true }, metadata: { annotations: scribbled } }), owner, [])
      expect(told).toMatchObject({ state: 'PENDING', pending: null, evicted: null })
    })
  }

  test('as a time', () => {
    const { admittedAt } = observeJob(
      job({ metadata: { annotations: { [annotations.admittedAt]: 'zzz' } } }),
      owner,
      [],
    )
    assert.isNull(admittedAt)
  })

  for (const claimed of ['', 'training', 'constructor', 'toString', '__proto__']) {
    test(`as a class: "${claimed}"`, () => {
      const told = observeJob(job({ metadata: { annotations: { [annotations.class]: claimed } } }), owner, [])
      assert.equal(told.spec.class, 'TRAINING')
    })
  }

  test('as a longest run that no column could hold', () => {
    const told = observeJob(job({ spec: { activeDeadlineSeconds: 9e15 } }), owner, [])
    assert.equal(told.spec.maxRuntimeSeconds, 2 ** 31 - 1)
  })

  test('at a length that would fill a batch', () => {
    const long = 'x'.repeat(200_000)
    const pending = JSON.stringify({ code: long, message: long, fix: long, since: at(5) })
    const evicted = JSON.stringify({ at: at(5), reason: long, message: long })
    const template = {
      metadata: { annotations: { [annotations.gpuModels]: `${long},${'m,'.repeat(500)}` } },
      spec: { containers: [{ name: 'main', image: long }] },
    }
    const told = { [annotations.pending]: pending, [annotations.evicted]: evicted }
    const scribbled = job({ spec: { suspend: true, template }, metadata: { annotations: told } })
    expect(JSON.stringify(observeJob(scribbled, owner, [])).length).toBeLessThan(16_000)
  })
})
