import { randomUUID } from 'node:crypto'
import { assert, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, type JsonPatch, jsonPointer } from '../cluster.ts'
import { annotations, labels, METERED_FINALIZER } from '../names.ts'
import type { Pod } from '../objects.ts'
import { job, pod } from './samples.ts'
import type { Stage } from './stage.ts'
import { CONTRACT_EPOCH, unsuspend } from './unsuspend.ts'
import { refusal } from './until.ts'

/** What the validating policies refuse, to a scheduler of another epoch and to tenants. */
export function describeFence(stage: Stage): void {
  describe('in a tenant’s namespace', () => {
    let namespace: string
    let cluster: Cluster
    let tenant: Cluster
    beforeAll(async () => {
      cluster = stage.cluster
      namespace = await stage.namespace('tenant_contract')
      tenant = await stage.tenant(namespace)
    })

    const annotate = (name: string, value: string): JsonPatch => [
      { op: 'add', path: jsonPointer('metadata', 'annotations', name), value },
    ]
    async function newJob(): Promise<{ namespace: string; name: string }> {
      const ref = { namespace, name: `job-${randomUUID().slice(0, 8)}` }
      await cluster.create('Job', job(namespace, ref.name))
      return ref
    }
    /** Annotated, so that a patch can add to that. */
    async function newPod(metadata: Pod['metadata'] = {}): Promise<Pod> {
      const plain = pod(namespace, `pod-${randomUUID().slice(0, 8)}`)
      const own = { ...plain.metadata, annotations: { note: 'mine' }, ...metadata }
      return cluster.create('Pod', { ...plain, metadata: own })
    }
    const refOf = ({ metadata }: Pod) => ({ namespace, name: metadata.name ?? '' })
    const bindingOf = ({ metadata }: Pod, epoch?: string) => ({
      namespace,
      pod: metadata.name ?? '',
      node: stage.node,
      uid: metadata.uid ?? '',
      annotations: { [annotations.slot]: '0', ...(epoch !== undefined && { [annotations.epoch]: epoch }) },
    })

    describe('a scheduler', () => {
      test('unsuspends a Job in its own epoch, and in no other', async () => {
        const ref = await newJob()
        for (const epoch of ['0', '2', 'none', ''])
          assert.equal(await refusal(unsuspend(cluster, ref, epoch)), 'FORBIDDEN')
        const bare = [{ op: 'replace', path: '/spec/suspend', value: false }] as const
        assert.equal(await refusal(cluster.patch('Job', ref, bare)), 'FORBIDDEN')
        assert.isFalse((await unsuspend(cluster, ref)).spec?.suspend)
      })

      test('says in which epoch it decided anything on a Job, and is refused in another', async () => {
        const ref = await newJob()
        for (const name of [annotations.assignment, annotations.pending, annotations.requeue, annotations.evicted]) {
          assert.equal(await refusal(cluster.patch('Job', ref, annotate(name, '{}'))), 'FORBIDDEN')
        }
        const epoch = (value: string) => annotate(annotations.epoch, value)
        await cluster.patch('Job', ref, [...annotate(annotations.pending, '{}'), ...epoch(CONTRACT_EPOCH)])
        const stale = [...annotate(annotations.pending, '{"code":"x"}'), ...epoch('0')]
        assert.equal(await refusal(cluster.patch('Job', ref, stale)), 'FORBIDDEN')
      })

      test('says so too of what it decides on a pod for its group', async () => {
        const waiting = await newPod()
        const decide = (epoch: string) =>
          cluster.patch('Pod', refOf(waiting), [
            ...annotate(annotations.groupRecord, '{}'),
            ...annotate(annotations.epoch, epoch),
          ])
        for (const epoch of ['0', '2']) assert.equal(await refusal(decide(epoch)), 'FORBIDDEN')
        assert.equal((await decide(CONTRACT_EPOCH)).metadata.annotations?.[annotations.groupRecord], '{}')
      })

      test('binds a pod in its own epoch, and in no other', async () => {
        const waiting = await newPod()
        for (const epoch of ['0', '2', undefined]) {
          assert.equal(await refusal(cluster.bind(bindingOf(waiting, epoch))), 'FORBIDDEN')
        }
        await cluster.bind(bindingOf(waiting, CONTRACT_EPOCH))
        assert.equal((await cluster.get('Pod', refOf(waiting))).spec?.nodeName, stage.node)
      })
    })

    test('what a scheduler does not decide needs no epoch', async () => {
      const ref = await newJob()
      await unsuspend(cluster, ref)
      await cluster.patch('Job', ref, annotate('note', 'mine'))
      const suspend = [{ op: 'replace', path: '/spec/suspend', value: true }] as const
      assert.isTrue((await cluster.patch('Job', ref, suspend)).spec?.suspend)
    })

    describe('a tenant', () => {
      test('makes pods, and changes what is its own on them', async () => {
        const { metadata } = await tenant.create('Pod', pod(namespace, 'own'))
        expect(metadata.finalizers).toContain(METERED_FINALIZER)
        const own = [{ op: 'add', path: '/metadata/labels', value: { team: 'vision' } }] as const
        expect((await tenant.patch('Pod', { namespace, name: 'own' }, own)).metadata.labels).toMatchObject({
          team: 'vision',
        })
      })

      test('cannot place a pod by itself', async () => {
        const placed = pod(namespace, 'placed')
        const create = tenant.create('Pod', { ...placed, spec: { containers: [], ...placed.spec, nodeName: 'n' } })
        assert.equal(await refusal(create), 'FORBIDDEN')
        assert.equal(await refusal(tenant.bind(bindingOf(await newPod(), CONTRACT_EPOCH))), 'FORBIDDEN')
      })

      const forged = [
        annotations.slot,
        annotations.devices,
        annotations.admittedAt,
        annotations.epoch,
        annotations.groupTurn,
        annotations.groupRecord,
        annotations.pending,
        labels.queue,
      ]
      for (const name of forged) {
        test(`cannot write ${name} on a pod, neither on a new one nor later, nor take it away`, async () => {
          const plain = pod(namespace, 'forged')
          const metadata = { ...plain.metadata, annotations: { [name]: '0' } }
          assert.equal(await refusal(tenant.create('Pod', { ...plain, metadata })), 'FORBIDDEN')
          const written = await newPod({ annotations: { [name]: '1' } })
          assert.equal(await refusal(tenant.patch('Pod', refOf(written), annotate(name, '0'))), 'FORBIDDEN')
          const path = jsonPointer('metadata', 'annotations', name)
          assert.equal(await refusal(tenant.patch('Pod', refOf(written), [{ op: 'remove', path }])), 'FORBIDDEN')
        })
      }

      test('says of a pod’s group what it likes when the pod is created, and nothing else later', async () => {
        const plain = pod(namespace, `pod-${randomUUID().slice(0, 8)}`)
        const metadata = {
          ...plain.metadata,
          labels: { [labels.group]: 'train', [labels.queue]: 'default' },
          annotations: { [annotations.groupSize]: '2', [annotations.class]: 'BATCH' },
        }
        const own = refOf(await tenant.create('Pod', { ...plain, metadata }))
        for (const name of [labels.group, labels.queue]) {
          const change = [{ op: 'replace', path: jsonPointer('metadata', 'labels', name), value: 'other' }] as const
          assert.equal(await refusal(tenant.patch('Pod', own, change)), 'FORBIDDEN')
        }
        for (const name of [annotations.groupSize, annotations.class])
          assert.equal(await refusal(tenant.patch('Pod', own, annotate(name, '1'))), 'FORBIDDEN')
      })

      test('cannot let a pod go before it is metered', async () => {
        const held = await newPod()
        const index = held.metadata.finalizers?.indexOf(METERED_FINALIZER)
        const path = jsonPointer('metadata', 'finalizers', String(index))
        assert.equal(await refusal(tenant.patch('Pod', refOf(held), [{ op: 'remove', path }])), 'FORBIDDEN')
        await tenant.delete('Pod', refOf(held))
        assert.isString((await cluster.get('Pod', refOf(held))).metadata.deletionTimestamp)
      })

      test('cannot pass a pod off as one that a Job has made', async () => {
        const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'x', uid: randomUUID(), controller: true }
        const plain = pod(namespace, 'impostor')
        const metadata = { ...plain.metadata, ownerReferences: [owner] }
        assert.equal(await refusal(tenant.create('Pod', { ...plain, metadata })), 'FORBIDDEN')
        const lonely = await newPod()
        const adopt = [{ op: 'add', path: '/metadata/ownerReferences', value: [owner] }] as const
        assert.equal(await refusal(tenant.patch('Pod', refOf(lonely), adopt)), 'FORBIDDEN')
      })

      test('cannot start or stop a Job, nor write what the scheduler decides', async () => {
        const ref = await newJob()
        assert.equal(await refusal(unsuspend(tenant, ref)), 'FORBIDDEN')
        assert.equal(await refusal(tenant.patch('Job', ref, annotate(annotations.assignment, '{}'))), 'FORBIDDEN')
      })
    })
  })
}
