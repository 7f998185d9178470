import { assert, describe, expect, test } from 'vitest'
import type { Ref } from '../cluster.ts'
import { configMap, job } from './samples.ts'
import type { Stage } from './stage.ts'
import { refusal, until, untilAll } from './until.ts'

export function describeGarbage(stage: Stage): void {
  async function jobWithPods(name: string): Promise<Ref & { namespace: string }> {
    const namespace = await stage.namespace()
    await stage.cluster.create('Job', job(namespace, name, { suspend: false }))
    await untilAll(stage.cluster, 'Pod', namespace, (pods) => pods.length === 2)
    return { namespace, name }
  }

  describe('garbage collection', () => {
    test('what belongs to a deleted object goes with it', async () => {
      const { cluster } = stage
      const namespace = await stage.namespace()
      const owner = await cluster.create('ConfigMap', configMap(namespace, 'owner'))
      const owned = configMap(namespace, 'owned')
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid ?? '' }
      await cluster.create('ConfigMap', { ...owned, metadata: { ...owned.metadata, ownerReferences: [reference] } })
      await cluster.delete('ConfigMap', { namespace, name: 'owner' }, { propagationPolicy: 'Background' })
      await until(cluster, 'ConfigMap', { namespace, name: 'owned' }, (object) => object === undefined)
    })

    for (const { propagationPolicy } of [
      { propagationPolicy: 'Background' },
      { propagationPolicy: 'Foreground' },
    ] as const) {
      test(`a Job deleted with ${propagationPolicy} propagation takes its pods along`, async () => {
        const ref = await jobWithPods('going')
        await stage.cluster.delete('Job', ref, { propagationPolicy })
        await untilAll(stage.cluster, 'Pod', ref.namespace, (pods) => pods.length === 0)
        await until(stage.cluster, 'Job', ref, (object) => object === undefined)
      })
    }

    for (const options of [{}, { propagationPolicy: 'Orphan' }] as const) {
      test(`a Job deleted with ${JSON.stringify(options)} leaves its pods, on their own`, async () => {
        const ref = await jobWithPods('orphaning')
        await stage.cluster.delete('Job', ref, options)
        await until(stage.cluster, 'Job', ref, (object) => object === undefined)
        const pods = await untilAll(stage.cluster, 'Pod', ref.namespace, (all) =>
          all.every(({ metadata }) => !metadata.ownerReferences?.length && !metadata.finalizers?.length),
        )
        assert.equal(pods.length, 2)
      })
    }
  })

  describe('a deleted namespace', () => {
    test('takes all that is in it along, and takes nothing in any more', async () => {
      const { cluster } = stage
      const { namespace } = await jobWithPods('inside')
      const held = configMap(namespace, 'held')
      await cluster.create('ConfigMap', {
        ...held,
        metadata: { ...held.metadata, finalizers: ['sluice.dev/contract'] },
      })
      await cluster.delete('Namespace', { name: namespace })
      await untilAll(cluster, 'Pod', namespace, (pods) => pods.length === 0)
      const terminating = await cluster.get('Namespace', { name: namespace })
      assert.isString(terminating.metadata.deletionTimestamp)
      assert.equal(terminating.status?.phase, 'Terminating')
      assert.equal(await refusal(cluster.create('ConfigMap', configMap(namespace, 'late'))), 'FORBIDDEN')
      await cluster.patch('ConfigMap', { namespace, name: 'held' }, [{ op: 'remove', path: '/metadata/finalizers' }])
      await until(cluster, 'Namespace', { name: namespace }, (object) => object === undefined)
      expect((await cluster.list('Job', { namespace })).items).toEqual([])
    })
  })
}
