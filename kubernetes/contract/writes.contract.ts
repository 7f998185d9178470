import { assert, describe, expect, test } from 'vitest'
import { jsonPointer } from '../cluster.ts'
import type { Kinds } from '../objects.ts'
import { configMap, job, node } from './samples.ts'
import type { Stage } from './stage.ts'
import { refusal, until } from './until.ts'

export function describeWrites(stage: Stage): void {
  describe('get and create', () => {
    test('what was created can be read, with uid, resourceVersion and creation time', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const created = await cluster.create('ConfigMap', configMap(namespace, 'new', { colour: 'red' }))
      const read = await cluster.get('ConfigMap', { namespace, name: 'new' })
      expect(read.metadata).toMatchObject({
        uid: created.metadata.uid,
        resourceVersion: created.metadata.resourceVersion,
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        labels: { colour: 'red' },
      })
      expect(read.data).toEqual({ key: 'value' })
    })

    test('a taken name is ALREADY_EXISTS, an unknown one NOT_FOUND, so is a namespace that is not there', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      await cluster.create('ConfigMap', configMap(namespace, 'taken'))
      assert.equal(await refusal(cluster.create('ConfigMap', configMap(namespace, 'taken'))), 'ALREADY_EXISTS')
      assert.equal(await refusal(cluster.get('ConfigMap', { namespace, name: 'unknown' })), 'NOT_FOUND')
      assert.equal(await refusal(cluster.create('ConfigMap', configMap('no-such-place', 'x'))), 'NOT_FOUND')
    })

    test('a name that Kubernetes does not allow is INVALID', async () => {
      const namespace = await stage.namespace()
      assert.equal(await refusal(stage.cluster.create('ConfigMap', configMap(namespace, 'Not_A_Name'))), 'INVALID')
    })
  })

  describe('apply', () => {
    test('creates, then merges: others keep their fields, and only what changed is written', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const ref = { namespace, name: 'applied' }
      await cluster.apply('ConfigMap', configMap(namespace, 'applied', { ours: '1' }))
      await cluster.patch('ConfigMap', ref, [{ op: 'add', path: '/metadata/labels/theirs', value: '1' }])
      const merged = await cluster.apply('ConfigMap', configMap(namespace, 'applied', { ours: '2' }))
      expect(merged.metadata.labels).toEqual({ ours: '2', theirs: '1' })
      const again = await cluster.apply('ConfigMap', configMap(namespace, 'applied', { ours: '2' }))
      assert.equal(again.metadata.resourceVersion, merged.metadata.resourceVersion)
    })

    test('removes what it applied before and leaves out now', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      await cluster.apply('ConfigMap', configMap(namespace, 'shrinking', { kept: '1', dropped: '1' }))
      const shrunk = await cluster.apply('ConfigMap', configMap(namespace, 'shrinking', { kept: '1' }))
      expect(shrunk.metadata.labels).toEqual({ kept: '1' })
    })

    test('takes over by force a field that somebody else has set', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      await cluster.create('ConfigMap', configMap(namespace, 'forced', { colour: 'theirs' }))
      const forced = await cluster.apply('ConfigMap', configMap(namespace, 'forced', { colour: 'ours' }))
      expect(forced.metadata.labels).toEqual({ colour: 'ours' })
    })

    test('leaves suspend alone where the applied Job does not mention it', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const { suspend: _, ...unmentioned } = job(namespace, 'resumed').spec ?? { template: {} }
      const applied = { ...job(namespace, 'resumed'), spec: unmentioned }
      await cluster.apply('Job', applied)
      await cluster.patch('Job', { namespace, name: 'resumed' }, [
        { op: 'replace', path: '/spec/suspend', value: true },
      ])
      const again = await cluster.apply('Job', applied)
      assert.equal(again.spec?.suspend, true)
    })

    test('refuses to change the template of a Job that has started', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      await cluster.apply('Job', job(namespace, 'fixed', { suspend: false }))
      const changed = job(namespace, 'fixed', { suspend: false }, { OTHER: 'environment' })
      assert.equal(await refusal(cluster.apply('Job', changed)), 'INVALID')
    })
  })

  describe('patch', () => {
    test('is one write where all tests hold', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const before = await cluster.create('ConfigMap', configMap(namespace, 'patched'))
      const after = await cluster.patch('ConfigMap', { namespace, name: 'patched' }, [
        { op: 'test', path: '/metadata/uid', value: before.metadata.uid },
        { op: 'add', path: '/metadata/annotations', value: {} },
        { op: 'add', path: `/metadata/annotations${jsonPointer('sluice.dev/a.b')}`, value: 'x' },
        { op: 'replace', path: '/data/key', value: 'new' },
      ])
      expect(after.metadata.annotations).toEqual({ 'sluice.dev/a.b': 'x' })
      expect(after.data).toEqual({ key: 'new' })
    })

    test('writes nothing where a test fails, also after operations that would have worked', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const ref = { namespace, name: 'guarded' }
      const before = await cluster.create('ConfigMap', configMap(namespace, 'guarded'))
      const patch = cluster.patch('ConfigMap', ref, [
        { op: 'replace', path: '/data/key', value: 'new' },
        { op: 'test', path: '/metadata/uid', value: 'another' },
      ])
      assert.equal(await refusal(patch), 'INVALID')
      expect(await cluster.get('ConfigMap', ref)).toEqual(before)
    })

    test('is INVALID where it removes or replaces what is not there', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const ref = { namespace, name: 'lacking' }
      await cluster.create('ConfigMap', configMap(namespace, 'lacking'))
      assert.equal(await refusal(cluster.patch('ConfigMap', ref, [{ op: 'remove', path: '/data/none' }])), 'INVALID')
      const replace = cluster.patch('ConfigMap', ref, [{ op: 'replace', path: '/no/such', value: 1 }])
      assert.equal(await refusal(replace), 'INVALID')
    })

    test('that changes nothing writes nothing; an unknown object is NOT_FOUND', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const before = await cluster.create('ConfigMap', configMap(namespace, 'same'))
      const same = [{ op: 'replace', path: '/data/key', value: 'value' }] as const
      const after = await cluster.patch('ConfigMap', { namespace, name: 'same' }, same)
      assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion)
      assert.equal(await refusal(cluster.patch('ConfigMap', { namespace, name: 'unknown' }, same)), 'NOT_FOUND')
    })

    test('of the spec makes a new generation, of labels or status does not', async () => {
      const { cluster } = stage
      const name = `contract.${(await stage.namespace()).slice(-20)}`
      const queue: Kinds['Queue'] = {
        apiVersion: 'sluice.dev/v1alpha1',
        kind: 'Queue',
        metadata: { name, labels: { colour: 'red' } },
        spec: { quotas: [] },
      }
      const created = await cluster.create('Queue', queue)
      assert.equal(created.metadata.generation, 1)
      const ref = { name }
      await cluster.patch('Queue', ref, [{ op: 'replace', path: '/metadata/labels/colour', value: 'blue' }])
      const status = { pending: 1, admitted: 0, usedGpus: '0', pendingGpus: '1' }
      const observed = await cluster.patch('Queue', ref, [{ op: 'add', path: '/status', value: status }], {
        subresource: 'status',
      })
      assert.equal(observed.metadata.generation, 1)
      expect(observed.status).toEqual(status)
      const changed = await cluster.patch('Queue', ref, [{ op: 'add', path: '/spec/weight', value: '2' }])
      assert.equal(changed.metadata.generation, 2)
      await cluster.delete('Queue', ref)
    })
  })

  describe('status', () => {
    test('is written by its own subresource alone, which writes nothing else', async () => {
      const { cluster } = stage
      const name = `status-${(await stage.namespace()).slice(-20)}`
      await cluster.create('Node', node(name))
      const ref = { name }
      const status = [
        { op: 'add', path: '/status', value: { capacity: { cpu: '8' } } },
        { op: 'add', path: '/spec/providerID', value: 'sim://x' },
      ] as const
      const bySubresource = await cluster.patch('Node', ref, status, { subresource: 'status' })
      assert.equal(bySubresource.status?.capacity?.cpu, '8')
      assert.isUndefined(bySubresource.spec?.providerID)
      const byMain = await cluster.patch('Node', ref, [
        { op: 'add', path: '/status/capacity', value: { cpu: '16' } },
        { op: 'add', path: '/spec/providerID', value: 'sim://x' },
      ])
      assert.equal(byMain.status?.capacity?.cpu, '8')
      assert.equal(byMain.spec?.providerID, 'sim://x')
      await cluster.delete('Node', ref)
    })
  })

  describe('delete', () => {
    test('keeps to its preconditions', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const ref = { namespace, name: 'wanted' }
      const created = await cluster.create('ConfigMap', configMap(namespace, 'wanted'))
      assert.equal(await refusal(cluster.delete('ConfigMap', ref, { uid: 'another' })), 'CONFLICT')
      assert.equal(await refusal(cluster.delete('ConfigMap', ref, { resourceVersion: '1' })), 'CONFLICT')
      await cluster.delete('ConfigMap', ref, { uid: created.metadata.uid ?? '' })
      assert.equal(await refusal(cluster.get('ConfigMap', ref)), 'NOT_FOUND')
      assert.equal(await refusal(cluster.delete('ConfigMap', ref)), 'NOT_FOUND')
    })

    test('waits for finalizers', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const ref = { namespace, name: 'held' }
      const held = configMap(namespace, 'held')
      await cluster.create('ConfigMap', {
        ...held,
        metadata: { ...held.metadata, finalizers: ['sluice.dev/contract'] },
      })
      await cluster.delete('ConfigMap', ref)
      const terminating = await cluster.get('ConfigMap', ref)
      assert.isString(terminating.metadata.deletionTimestamp)
      await cluster.delete('ConfigMap', ref)
      await cluster.patch('ConfigMap', ref, [{ op: 'remove', path: '/metadata/finalizers' }])
      await until(cluster, 'ConfigMap', ref, (object) => object === undefined)
    })
  })
}
