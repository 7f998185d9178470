import { describe, expect, test } from 'vitest'
import type { JobDirective, NamespaceDirective, QueueDirective } from '../../platform/link/protocol.ts'
import { renderJob } from './renderJob.ts'
import { renderNamespace } from './renderNamespace.ts'
import { renderQueue } from './renderQueue.ts'

const training: JobDirective = {
  jobId: 'job_01jb2c3d4e5f6g7h8j9k0mnpqr',
  createdBy: 'dana@acme',
  tenantId: 'tenant_01jb2c3d4e5f6g7h8j9k0mnpqr',
  projectId: 'project_01jb2c3d4e5f6g7h8j9k0mnpqr',
  namespace: 't-acme-research',
  objectName: 'finetune-0mnpqr',
  queue: 'acme.default',
  image: 'registry.example/finetune:3',
  command: ['torchrun', '--nproc-per-node=4', 'train.py'],
  env: [{ name: 'EPOCHS', value: '3' }],
  replicas: 2,
  class: 'TRAINING',
  priorityClass: null,
  preemptible: true,
  maxRuntimeSeconds: 7200,
  labels: [{ name: 'team', value: 'vision' }],
  resources: { cpu: '16', memoryMiB: 65536, gpu: { count: 4, share: null, memoryMiB: null, models: ['H100', 'A100'] } },
}
const whole = training.resources.gpu as NonNullable<typeof training.resources.gpu>

const jobs: Record<string, JobDirective> = {
  'gang-on-whole-gpus': training,
  'share-of-one-gpu': {
    ...training,
    replicas: 1,
    class: 'INFERENCE',
    resources: { cpu: '0.5', memoryMiB: 2048, gpu: { count: null, share: '0.25', memoryMiB: 8192, models: [] } },
  },
  'no-gpu-no-command-no-end': {
    ...training,
    command: null,
    env: [],
    labels: [],
    priorityClass: 'urgent',
    preemptible: false,
    maxRuntimeSeconds: null,
    resources: { cpu: '1', memoryMiB: 1024, gpu: null },
  },
}

describe('a Job', () => {
  for (const [name, directive] of Object.entries(jobs)) {
    test(`renders as in golden/job-${name}.json`, async () => {
      await expect(golden(renderJob(directive))).toMatchFileSnapshot(`golden/job-${name}.json`)
    })
  }

  test('never mentions suspend, which a forced apply would take from the scheduler', () => {
    for (const directive of Object.values(jobs)) expect(renderJob(directive).spec).not.toHaveProperty('suspend')
  })

  test('asks for no whole device where it asks for a share', () => {
    const { resources } = renderJob(jobs['share-of-one-gpu'] as JobDirective).spec?.template.spec?.containers[0] ?? {}
    expect(JSON.stringify(resources)).not.toContain('nvidia.com/gpu')
  })

  test('says with how many pods an elastic one starts at least', () => {
    const told = (directive: JobDirective) => renderJob(directive).metadata.annotations
    expect(told({ ...training, minCount: 2 })).toMatchObject({ 'sluice.dev/min-count': '2' })
    expect(told(training)).not.toHaveProperty('sluice.dev/min-count')
  })

  test('says on its template which topology level is required and which preferred', () => {
    const annotationsOf = (topology: JobDirective['topology']) =>
      renderJob({ ...training, ...(topology && { topology }) }).spec?.template.metadata?.annotations
    const models = { 'sluice.dev/gpu-models': 'H100,A100' }
    expect(annotationsOf(undefined)).toEqual(models)
    expect(annotationsOf({ required: 'zone', preferred: null })).toEqual({
      ...models,
      'sluice.dev/topology-required': 'zone',
    })
    expect(annotationsOf({ required: 'zone', preferred: 'rack' })).toEqual({
      ...models,
      'sluice.dev/topology-required': 'zone',
      'sluice.dev/topology-preferred': 'rack',
    })
  })

  test('leaves out a count of zero GPUs', () => {
    const job = renderJob({ ...training, resources: { ...training.resources, gpu: { ...whole, count: 0 } } })
    expect(job.spec?.template.spec?.containers[0]?.resources?.limits).toEqual({ memory: '65536Mi' })
  })

  test('takes no label from the tenant that is Sluice’s or Kubernetes’ to set', () => {
    const claims = [
      'sluice.dev/tenant',
      'sluice.dev/anything',
      'x.sluice.dev/y',
      'job-name',
      'controller-uid',
      'batch.kubernetes.io/job-name',
      'node.k8s.io/x',
    ]
    const job = renderJob({ ...training, labels: claims.map((name) => ({ name, value: 'stolen' })) })
    expect(Object.values(job.metadata.labels ?? {})).not.toContain('stolen')
    expect(Object.values(job.spec?.template.metadata?.labels ?? {})).not.toContain('stolen')
  })

  test('keeps the tenant’s labels that only look like reserved ones', () => {
    const own = ['sluice.dev.example/x', 'sluice.dev', 'notkubernetes.io/x']
    const job = renderJob({ ...training, labels: own.map((name) => ({ name, value: 'kept' })) })
    for (const name of own) expect(job.metadata.labels).toHaveProperty([name], 'kept')
  })
})

test('a Namespace bears the labels that prove ownership', async () => {
  const directive: NamespaceDirective = {
    namespace: 't-acme-research',
    tenantId: training.tenantId,
    tenantSlug: 'acme',
    projectId: training.projectId,
    projectSlug: 'research',
  }
  await expect(golden(renderNamespace(directive))).toMatchFileSnapshot('golden/namespace.json')
})

describe('a Queue', () => {
  const queue: QueueDirective = {
    name: 'acme.default',
    parent: 'acme',
    tenantId: training.tenantId,
    quotas: [
      { flavor: 'h100', resource: 'GPU', nominalQuota: '8', borrowingLimit: '4', lendingLimit: '0' },
      { flavor: '*', resource: 'CPU', nominalQuota: '64', borrowingLimit: null, lendingLimit: null },
    ],
    weight: '2',
  }
  test('of a tenant has its parent and limits', async () => {
    await expect(golden(renderQueue(queue))).toMatchFileSnapshot('golden/queue-of-a-tenant.json')
  })
  test('shared at the root has neither parent nor tenant', async () => {
    const root = { ...queue, name: 'all', parent: null, tenantId: null, quotas: [], weight: '1' }
    await expect(golden(renderQueue(root))).toMatchFileSnapshot('golden/queue-shared-root.json')
  })
})

function golden(object: object): string {
  return `${JSON.stringify(object, null, 2)}\n`
}
