import { assert, describe, expect, test } from 'vitest'
import type { Binding } from '../cluster.ts'
import type { Pod } from '../objects.ts'
import { pod } from './samples.ts'
import type { Stage } from './stage.ts'
import { refusal, until } from './until.ts'

const LONG: Record<string, string> = { SIM_RUN_SECONDS: '600' }

export function describePods(stage: Stage): void {
  const createPod = async (name: string, env = LONG) =>
    stage.cluster.create('Pod', pod(await stage.namespace(), name, env))

  describe('bind', () => {
    test('puts the pod on its node, its annotations with it in one write', async () => {
      const { cluster } = stage
      const created = await createPod('bound')
      await cluster.bind(bindingOf(created, 'nobodys-node', { 'sluice.dev/slot': '3' }))
      const bound = await cluster.get('Pod', refOf(created))
      assert.equal(bound.spec?.nodeName, 'nobodys-node')
      expect(bound.metadata.annotations).toMatchObject({ 'sluice.dev/slot': '3' })
      expect(bound.status?.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', status: 'True' }))
      await cluster.delete('Pod', refOf(created), { gracePeriodSeconds: 0 })
    })

    test('happens once: a second one is a CONFLICT, also to the same node', async () => {
      const { cluster } = stage
      const created = await createPod('twice')
      await cluster.bind(bindingOf(created, 'nobodys-node'))
      assert.equal(await refusal(cluster.bind(bindingOf(created, 'another-node'))), 'CONFLICT')
      assert.equal(await refusal(cluster.bind(bindingOf(created, 'nobodys-node'))), 'CONFLICT')
      await cluster.delete('Pod', refOf(created), { gracePeriodSeconds: 0 })
    })

    test('keeps to its preconditions, and leaves no trace where they fail', async () => {
      const { cluster } = stage
      const created = await createPod('guarded')
      const stale = { ...bindingOf(created, 'nobodys-node', { a: 'b' }), resourceVersion: '1' }
      assert.equal(await refusal(cluster.bind(stale)), 'CONFLICT')
      const other = { ...bindingOf(created, 'nobodys-node', { a: 'b' }), uid: 'another' }
      assert.equal(await refusal(cluster.bind(other)), 'CONFLICT')
      expect(await cluster.get('Pod', refOf(created))).toEqual(created)
      const fresh = { ...bindingOf(created, 'nobodys-node'), resourceVersion: created.metadata.resourceVersion ?? '' }
      await cluster.bind(fresh)
      await cluster.delete('Pod', refOf(created), { gracePeriodSeconds: 0 })
    })

    test('of an unknown pod is NOT_FOUND', async () => {
      const created = await createPod('other')
      assert.equal(await refusal(stage.cluster.bind({ ...bindingOf(created, 'x'), pod: 'unknown' })), 'NOT_FOUND')
    })
  })

  describe('a pod’s end', () => {
    test('an unbound pod goes at once', async () => {
      const created = await createPod('unbound')
      await stage.cluster.delete('Pod', refOf(created))
      assert.equal(await refusal(stage.cluster.get('Pod', refOf(created))), 'NOT_FOUND')
    })

    test('a bound pod stays terminating until its kubelet lets go', async () => {
      const { cluster } = stage
      const created = await createPod('lingering')
      await cluster.bind(bindingOf(created, 'nobodys-node'))
      await cluster.delete('Pod', refOf(created), { gracePeriodSeconds: 60 })
      const terminating = await cluster.get('Pod', refOf(created))
      assert.isString(terminating.metadata.deletionTimestamp)
      assert.equal(terminating.metadata.deletionGracePeriodSeconds, 60)
      assert.equal(await refusal(cluster.bind(bindingOf(created, 'x'))), 'CONFLICT')
      await cluster.delete('Pod', refOf(created), { gracePeriodSeconds: 0 })
      await until(cluster, 'Pod', refOf(created), (object) => object === undefined)
    })

    test('a running pod that is deleted is stopped by its kubelet and goes', async () => {
      const { cluster } = stage
      const created = await createPod('stopped')
      await cluster.bind(bindingOf(created, stage.node))
      await until(cluster, 'Pod', refOf(created), (object) => object?.status?.phase === 'Running')
      await cluster.delete('Pod', refOf(created))
      await until(cluster, 'Pod', refOf(created), (object) => object === undefined)
    })

    test('a pod runs, ends by itself and stays, with exit code and times', async () => {
      const { cluster } = stage
      const created = await createPod('ending', { SIM_RUN_SECONDS: '1', SIM_EXIT_CODE: '7' })
      await cluster.bind(bindingOf(created, stage.node))
      const ended = await until(cluster, 'Pod', refOf(created), (object) => object?.status?.phase === 'Failed')
      const terminated = ended?.status?.containerStatuses?.[0]?.state?.terminated
      assert.equal(terminated?.exitCode, 7)
      const ranMs = Date.parse(terminated?.finishedAt ?? '') - Date.parse(terminated?.startedAt ?? '')
      assert.isAtLeast(ranMs, 1_000)
    })
  })

  describe('evict', () => {
    test('marks the pod as disrupted and ends it', async () => {
      const { cluster } = stage
      const created = await createPod('evicted')
      await cluster.bind(bindingOf(created, 'nobodys-node'))
      await cluster.evict(refOf(created))
      const evicted = await cluster.get('Pod', refOf(created))
      assert.isString(evicted.metadata.deletionTimestamp)
      expect(evicted.status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
      )
      await cluster.delete('Pod', refOf(created), { gracePeriodSeconds: 0 })
    })

    test('of an unknown pod is NOT_FOUND', async () => {
      const namespace = await stage.namespace()
      assert.equal(await refusal(stage.cluster.evict({ namespace, name: 'unknown' })), 'NOT_FOUND')
    })
  })

  describe('logs', () => {
    test('are empty while the pod is unbound, and NOT_FOUND of an unknown one', async () => {
      const created = await createPod('silent')
      assert.equal(await stage.cluster.logs(refOf(created)), '')
      assert.equal(await refusal(stage.cluster.logs({ ...refOf(created), name: 'unknown' })), 'NOT_FOUND')
    })
  })
}

function refOf({ metadata }: Pod): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
}

export function bindingOf(created: Pod, node: string, annotations: Record<string, string> = {}): Binding {
  const { namespace, name } = refOf(created)
  return { namespace, pod: name, node, uid: created.metadata.uid ?? '', annotations }
}
