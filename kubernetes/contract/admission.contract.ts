import { randomUUID } from 'node:crypto'
import { assert, describe, expect, test } from 'vitest'
import { annotations, GPU_TAINT, labels, METERED_FINALIZER, SCHEDULER_NAME } from '../names.ts'
import type { Job } from '../objects.ts'
import { job, pod } from './samples.ts'
import type { Stage } from './stage.ts'
import { unsuspend } from './unsuspend.ts'
import { refusal, untilAll } from './until.ts'

export function describeAdmission(stage: Stage): void {
  async function tenantNamespace(): Promise<string> {
    const name = `t-contract-${randomUUID().slice(0, 8)}`
    await stage.cluster.create('Namespace', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { [labels.tenant]: 'tenant_contract', [labels.project]: 'project_contract' } },
    })
    return name
  }
  const running = (namespace: string, name: string) => job(namespace, name, { suspend: false })

  describe('in a tenant’s namespace', () => {
    test('a Job enters suspended, whatever it says, with the policies that keep slots and disruptions apart', async () => {
      const created = await stage.cluster.create('Job', running(await tenantNamespace(), 'entering'))
      assert.equal(created.spec?.suspend, true)
      assert.equal(created.spec?.podReplacementPolicy, 'Failed')
      expect(created.spec?.podFailurePolicy?.rules).toEqual([
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ])
    })

    test('so does an applied one, and applying it again leaves it as the scheduler has put it', async () => {
      const { cluster } = stage
      const namespace = await tenantNamespace()
      const { suspend: _, ...spec } = running(namespace, 'applied').spec ?? { template: {} }
      const wanted: Job = { ...running(namespace, 'applied'), spec }
      assert.equal((await cluster.apply('Job', wanted)).spec?.suspend, true)
      await unsuspend(cluster, { namespace, name: 'applied' })
      const again = await cluster.apply('Job', wanted)
      assert.equal(again.spec?.suspend, false)
      assert.equal(again.spec?.podReplacementPolicy, 'Failed')
    })

    test('a failure policy of the tenant’s own stays as it is', async () => {
      const wanted = running(await tenantNamespace(), 'own-policy')
      const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }]
      const created = await stage.cluster.create('Job', {
        ...wanted,
        spec: { template: {}, ...wanted.spec, podFailurePolicy: { rules } },
      })
      expect(created.spec?.podFailurePolicy?.rules).toMatchObject(rules)
    })

    test('a Job that says nothing of it has the default queue, class and priority, tolerates GPU nodes and has a creator', async () => {
      const { metadata, spec } = await stage.cluster.create('Job', running(await tenantNamespace(), 'plain'))
      expect(metadata.labels).toMatchObject({ [labels.queue]: 'default' })
      expect(metadata.annotations).toEqual({
        [annotations.class]: 'TRAINING',
        [annotations.createdBy]: expect.stringMatching(/./),
      })
      assert.equal(spec?.template.spec?.priorityClassName, 'sluice-training')
      expect(spec?.template.spec?.tolerations).toEqual([{ ...GPU_TAINT, operator: 'Exists' }])
    })

    test('what a Job says of it itself stays, and its priority follows from its class', async () => {
      const plain = running(await tenantNamespace(), 'outspoken')
      const template = plain.spec?.template
      const own = { key: 'example.test/own', operator: 'Exists', effect: 'NoSchedule' }
      const { metadata, spec } = await stage.cluster.create('Job', {
        ...plain,
        metadata: {
          ...plain.metadata,
          labels: { [labels.queue]: 'research', team: 'vision' },
          annotations: { [annotations.class]: 'INFERENCE', note: 'mine' },
        },
        spec: { ...plain.spec, template: { spec: { containers: [], ...template?.spec, tolerations: [own] } } },
      })
      expect(metadata.labels).toMatchObject({ [labels.queue]: 'research', team: 'vision' })
      expect(metadata.annotations).toMatchObject({ [annotations.class]: 'INFERENCE', note: 'mine' })
      assert.equal(spec?.template.spec?.priorityClassName, 'sluice-inference')
      expect(spec?.template.spec?.tolerations).toEqual([own, { ...GPU_TAINT, operator: 'Exists' }])
    })

    test('a priority class and a toleration of GPU nodes of the Job’s own are not written over', async () => {
      const plain = running(await tenantNamespace(), 'own-priority')
      const tolerations = [{ key: GPU_TAINT.key, operator: 'Exists' }]
      const podSpec = { containers: [], ...plain.spec?.template.spec, priorityClassName: 'sluice-batch', tolerations }
      const { spec } = await stage.cluster.create('Job', {
        ...plain,
        spec: { ...plain.spec, template: { spec: podSpec } },
      })
      assert.equal(spec?.template.spec?.priorityClassName, 'sluice-batch')
      expect(spec?.template.spec?.tolerations).toEqual(tolerations)
    })

    test('a Job that belongs to a controller runs when its controller says so', async () => {
      const wanted = running(await tenantNamespace(), 'child')
      const owner = {
        apiVersion: 'jobset.x-k8s.io/v1alpha2',
        kind: 'JobSet',
        name: 'set',
        uid: randomUUID(),
        controller: true,
      }
      const created = await stage.cluster.create('Job', {
        ...wanted,
        metadata: { ...wanted.metadata, ownerReferences: [owner] },
      })
      assert.equal(created.spec?.suspend, false)
    })

    test('pods are Sluice’s to schedule and stay until they are metered', async () => {
      const { cluster } = stage
      const namespace = await tenantNamespace()
      await cluster.create('Job', running(namespace, 'metered'))
      await unsuspend(cluster, { namespace, name: 'metered' })
      const pods = await untilAll(cluster, 'Pod', namespace, (all) => all.length === 2)
      for (const { metadata, spec } of pods) {
        assert.equal(spec?.schedulerName, SCHEDULER_NAME)
        expect(metadata.finalizers).toEqual(
          expect.arrayContaining([METERED_FINALIZER, 'batch.kubernetes.io/job-tracking']),
        )
      }
      const ref = { namespace, name: pods[0]?.metadata.name ?? '' }
      await cluster.delete('Pod', ref)
      assert.isString((await cluster.get('Pod', ref)).metadata.deletionTimestamp)
    })
  })

  test('elsewhere nothing is touched', async () => {
    const { cluster } = stage
    const namespace = await stage.namespace()
    const created = await cluster.create('Job', running(namespace, 'free'))
    assert.equal(created.spec?.suspend, false)
    assert.equal(created.spec?.podReplacementPolicy, 'TerminatingOrFailed')
    assert.isUndefined(created.spec?.template.spec?.priorityClassName)
    const single = await cluster.create('Pod', pod(namespace, 'free-pod'))
    assert.equal(single.spec?.schedulerName, 'contract')
    await cluster.delete('Pod', { namespace, name: 'free-pod' })
    assert.equal(await refusal(cluster.get('Pod', { namespace, name: 'free-pod' })), 'NOT_FOUND')
  })
}
