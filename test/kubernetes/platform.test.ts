import { randomUUID } from 'node:crypto'
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest'
import type { KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { unsuspend } from '../../kubernetes/contract/unsuspend.ts'
import { installPlatform } from '../../kubernetes/installPlatform.ts'
import { METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { renderJob } from '../../kubernetes/render/renderJob.ts'
import { renderNamespace } from '../../kubernetes/render/renderNamespace.ts'
import { renderQueue } from '../../kubernetes/render/renderQueue.ts'
import type { JobDirective } from '../../platform/link/protocol.ts'
import { onRealControlPlane } from './realControlPlane.ts'

const owner = { tenantId: 'tenant_acme', projectId: 'project_research' }

onRealControlPlane((controlPlane) => {
  let cluster: KubernetesCluster
  beforeAll(async () => {
    cluster = await controlPlane.connect()
  })
  afterAll(() => cluster.close())

  test('the platform can be installed again and again', async () => {
    const before = await cluster.get('CustomResourceDefinition', { name: 'queues.sluice.dev' })
    await installPlatform(cluster)
    const after = await cluster.get('CustomResourceDefinition', { name: 'queues.sluice.dev' })
    assert.equal(after.metadata.generation, before.metadata.generation)
    const { items } = await cluster.list('PriorityClass')
    const ours = items.filter(({ metadata }) => metadata.name?.startsWith('sluice-'))
    expect(Object.fromEntries(ours.map(({ metadata, value }) => [metadata.name, value]))).toEqual({
      'sluice-inference': 400,
      'sluice-interactive': 300,
      'sluice-training': 200,
      'sluice-batch': 100,
    })
  })

  describe('a Job that a tenant makes with kubectl', () => {
    const manifest = (namespace: string, kind: 'Job' | 'CronJob', podSpec = 'restartPolicy: Never') => {
      const template = `template: { spec: { ${podSpec}, containers: [{ name: main, image: busybox }] } }`
      const spec = kind === 'Job' ? template : `schedule: "0 0 1 1 *", jobTemplate: { spec: { ${template} } }`
      return `{ apiVersion: batch/v1, kind: ${kind}, metadata: { name: x, namespace: ${namespace} }, spec: { ${spec} } }`
    }
    const suspended = (namespace: string, name = 'x') =>
      controlPlane.kubectl(['get', 'job', '-n', namespace, name, '-o', 'jsonpath={.spec.suspend}'])

    test('comes in suspended, and applying it again does not suspend it again', async () => {
      const namespace = await controlPlane.namespace(cluster, owner)
      await controlPlane.kubectl(['apply', '-f', '-'], manifest(namespace, 'Job'))
      assert.equal(await suspended(namespace), 'true')
      await unsuspend(cluster, { namespace, name: 'x' })
      await controlPlane.kubectl(['apply', '-f', '-'], manifest(namespace, 'Job'))
      assert.equal(await suspended(namespace), 'false')
    })

    test('is suspended too where a CronJob makes it', async () => {
      const namespace = await controlPlane.namespace(cluster, owner)
      await controlPlane.kubectl(['apply', '-f', '-'], manifest(namespace, 'CronJob'))
      const cronJob = await controlPlane.kubectl([
        'get',
        'cronjob',
        '-n',
        namespace,
        'x',
        '-o',
        'jsonpath={.metadata.uid}',
      ])
      const reference = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'x', uid: cronJob, controller: true }
      const job = await cluster.create('Job', {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { namespace, name: 'x-1', ownerReferences: [reference] },
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } } },
      })
      assert.equal(job.spec?.suspend, true)
    })

    test('that restarts its containers in place keeps that, without a failure policy Kubernetes would refuse', async () => {
      const namespace = await controlPlane.namespace(cluster, owner)
      await controlPlane.kubectl(['apply', '-f', '-'], manifest(namespace, 'Job', 'restartPolicy: OnFailure'))
      const job = await cluster.get('Job', { namespace, name: 'x' })
      assert.equal(job.spec?.suspend, true)
      assert.isUndefined(job.spec?.podFailurePolicy)
    })

    test('outside tenants’ namespaces starts as ever', async () => {
      const namespace = await controlPlane.namespace(cluster)
      await controlPlane.kubectl(['apply', '-f', '-'], manifest(namespace, 'Job'))
      assert.equal(await suspended(namespace), 'false')
    })
  })

  test('a pod that a tenant makes by itself is Sluice’s to schedule and to meter', async () => {
    const namespace = await controlPlane.namespace(cluster, owner)
    await controlPlane.kubectl(['run', 'lonely', '-n', namespace, '--image', 'busybox'])
    const pod = await cluster.get('Pod', { namespace, name: 'lonely' })
    assert.equal(pod.spec?.schedulerName, 'sluice')
    expect(pod.metadata.finalizers).toContain(METERED_FINALIZER)
  })

  describe('a rendered', () => {
    const directive = (namespace: string): JobDirective => ({
      jobId: 'job_1',
      ...owner,
      namespace,
      objectName: 'finetune-1',
      queue: 'acme.default',
      image: 'busybox',
      command: ['true'],
      env: [{ name: 'A', value: 'b' }],
      replicas: 2,
      class: 'TRAINING',
      priorityClass: null,
      preemptible: true,
      maxRuntimeSeconds: 600,
      labels: [{ name: 'team', value: 'vision' }],
      resources: { cpu: '0.5', memoryMiB: 64, gpu: { count: 1, share: null, memoryMiB: null, models: [] } },
    })

    test('Namespace and Job are taken, and applying the Job again leaves a running one alone', async () => {
      const namespace = `test-${randomUUID()}`
      const project = { namespace, ...owner, tenantSlug: 'acme', projectSlug: 'research' }
      await cluster.apply('Namespace', renderNamespace(project))
      const wanted: Job = renderJob(directive(namespace))
      const ref = { namespace, name: 'finetune-1' }
      assert.equal((await cluster.apply('Job', wanted)).spec?.suspend, true)
      await unsuspend(cluster, ref)
      const started = await cluster.get('Job', ref)
      const again = await cluster.apply('Job', wanted)
      assert.equal(again.spec?.suspend, false)
      assert.equal(again.metadata.generation, started.metadata.generation)
    })

    test('Queue is taken, and kubectl shows how it stands', async () => {
      const name = `test-${randomUUID()}`
      await cluster.apply('Queue', renderQueue({ name, parent: 'root', tenantId: null, quotas: [], weight: '1' }))
      const status = {
        pending: 3,
        admitted: 2,
        usedGpus: '12.5',
        pendingGpus: '4',
        nominalGpus: '8',
        borrowedGpus: '4.5',
        conditions: [
          {
            type: 'Active',
            status: 'True' as const,
            reason: 'Ready',
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      }
      await cluster.patch('Queue', { name }, [{ op: 'add', path: '/status', value: status }], { subresource: 'status' })
      const [header, row] = (await controlPlane.kubectl(['get', 'queues', name])).split('\n')
      expect(header?.split(/\s+/)).toEqual([
        'NAME',
        'PARENT',
        'ACTIVE',
        'PENDING',
        'ADMITTED',
        'USED',
        'NOMINAL',
        'BORROWED',
        'AGE',
      ])
      expect(row?.split(/\s+/).slice(0, 8)).toEqual([name, 'root', 'True', '3', '2', '12.5', '8', '4.5'])
    })
  })

  describe('the scheduling policy', () => {
    const dryRun = (spec: object, name = 'default') =>
      controlPlane.kubectl(
        ['apply', '--dry-run=server', '-o', 'json', '-f', '-'],
        JSON.stringify({ apiVersion: 'sluice.dev/v1alpha1', kind: 'SchedulingPolicy', metadata: { name }, spec }),
      )

    test('is there from the start, and is shown by kubectl', async () => {
      const [header, row] = (await controlPlane.kubectl(['get', 'schedulingpolicies'])).split('\n')
      expect(header?.split(/ {2,}/).map((name) => name.trim())).toEqual([
        'NAME',
        'ACTIVE',
        'GANG START',
        'FIRST BACKOFF',
        'LAST BACKOFF',
        'AGE',
      ])
      expect(row).toMatch(/^default\s+(True\s+)?60\s+10\s+600\s/)
    })

    test('has the usual values where it says nothing', async () => {
      const { spec } = JSON.parse(await dryRun({ requeue: { firstBackoffSeconds: 5 } }))
      expect(spec).toEqual({
        gangStart: { baseSeconds: 60, podsPerSecond: 15 },
        order: { agingSeconds: 604_800 },
        requeue: { firstBackoffSeconds: 5, lastBackoffSeconds: 600, avoidNodeSeconds: 60 },
      })
    })

    test('is refused under another name, with times that contradict each other, and without patience', async () => {
      await expect(dryRun({}, 'another')).rejects.toThrow('its name is default')
      const backwards = { requeue: { firstBackoffSeconds: 20, lastBackoffSeconds: 10 } }
      await expect(dryRun(backwards)).rejects.toThrow('lastBackoffSeconds is at least')
      await expect(dryRun({ gangStart: { baseSeconds: 0 } })).rejects.toThrow('greater than or equal to 1')
    })
  })

  describe('the topology of a scheduling policy', () => {
    const levels = (...list: object[]) =>
      controlPlane.kubectl(
        ['apply', '--dry-run=server', '-o', 'json', '-f', '-'],
        JSON.stringify({
          apiVersion: 'sluice.dev/v1alpha1',
          kind: 'SchedulingPolicy',
          metadata: { name: 'default' },
          spec: { topology: { levels: list } },
        }),
      )
    const zone = { name: 'zone', nodeLabel: 'topology.kubernetes.io/zone' }

    test('keeps the order of its levels', async () => {
      const list = [
        zone,
        { name: 'block', nodeLabel: 'acme.com/block' },
        { name: 'rack', nodeLabel: 'acme.com/a-rack' },
      ]
      expect(JSON.parse(await levels(...list)).spec.topology.levels).toEqual(list)
    })

    test('is refused with a level twice, a label twice, or a name that no annotation should carry', async () => {
      await expect(levels(zone, { ...zone, nodeLabel: 'acme.com/zone' })).rejects.toThrow('Duplicate value')
      await expect(levels(zone, { ...zone, name: 'region' })).rejects.toThrow('each level has a label of its own')
      await expect(levels({ ...zone, name: 'Zone 1' })).rejects.toThrow('should match')
    })
  })

  test('a scheduling policy that demands what nobody knows of shares is refused', async () => {
    const spec = { shares: { requireEnforcement: ['MIG', 'PROMISES'] } }
    const policy = { apiVersion: 'sluice.dev/v1alpha1', kind: 'SchedulingPolicy', metadata: { name: 'default' }, spec }
    const refused = controlPlane.kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(policy))
    await expect(refused).rejects.toThrow('PROMISES')
  })

  describe('a Queue is refused', () => {
    const quota = { flavor: 'h100', resource: 'GPU' as const, nominalQuota: '8' }
    const cases: Record<string, object> = {
      'with a negative quota': { quotas: [{ ...quota, nominalQuota: '-1' }] },
      'with a resource that nobody knows': { quotas: [{ ...quota, resource: 'TPU' }] },
      'with two quotas for the same flavor and resource': { quotas: [quota, quota] },
      'without quotas': {},
      'that lends more than it has': { quotas: [{ ...quota, lendingLimit: '9' }] },
      'with a weight that is no number': { quotas: [], weight: 'heavy' },
    }
    for (const [name, spec] of Object.entries(cases)) {
      test(name, async () => {
        const queue = { apiVersion: 'sluice.dev/v1alpha1', kind: 'Queue', metadata: { name: 'refused' }, spec }
        await expect(cluster.create('Queue', queue as never)).rejects.toMatchObject({ code: 'INVALID' })
      })
    }

    test('that is its own parent', async () => {
      const queue = renderQueue({ name: 'self', parent: 'self', tenantId: null, quotas: [], weight: '1' })
      await expect(cluster.create('Queue', queue)).rejects.toMatchObject({ code: 'INVALID' })
    })
  })
})
