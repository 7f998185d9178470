import { assert, describe, onTestFinished, test } from 'vitest'
import type { Cluster } from '../kubernetes/cluster.ts'
import { SYSTEM_NAMESPACE } from '../kubernetes/names.ts'
import { startTestCluster } from '../kubernetes/simulated/testkit.ts'
import { beginEpoch } from './epochs.ts'

const REF = { namespace: SYSTEM_NAMESPACE, name: 'sluice-epochs' }

async function start(data?: Record<string, string>): Promise<Cluster> {
  const { cluster, stop } = await startTestCluster()
  onTestFinished(stop)
  await cluster.apply('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM_NAMESPACE } })
  if (data) await cluster.create('ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata: REF, data })
  return cluster
}

describe('an epoch', () => {
  test('is 1 in a cluster that never had one, and grows from then on', async () => {
    const cluster = await start()
    assert.equal(await beginEpoch(cluster, 'scheduler'), 1)
    assert.equal(await beginEpoch(cluster, 'scheduler'), 2)
  })

  test('is counted by name', async () => {
    const cluster = await start()
    await beginEpoch(cluster, 'scheduler')
    assert.equal(await beginEpoch(cluster, 'observations'), 1)
    assert.equal(await beginEpoch(cluster, 'scheduler'), 2)
  })

  test('is above what others remember of the cluster', async () => {
    const cluster = await start()
    assert.equal(await beginEpoch(cluster, 'observations', { above: 41 }), 42)
    assert.equal(await beginEpoch(cluster, 'observations', { above: 7 }), 43)
  })

  test('is a different one for each of several that begin at once', async () => {
    const cluster = await start()
    const epochs = await Promise.all(Array.from({ length: 8 }, () => beginEpoch(cluster, 'scheduler')))
    assert.deepEqual(epochs.sort(), [1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('can be begun where the counters were emptied by hand', async () => {
    const cluster = await start({})
    assert.equal(await beginEpoch(cluster, 'scheduler'), 1)
  })

  test('is not begun from a damaged counter, which nobody knows the height of', async () => {
    const cluster = await start({ scheduler: 'many', observations: '3' })
    const error = await beginEpoch(cluster, 'scheduler').catch((refusal) => refusal)
    assert.match(error.message, /sluice-system\/sluice-epochs has "many" as scheduler/)
    assert.equal(await beginEpoch(cluster, 'observations'), 4)
  })
})
