import { afterEach, assert, describe, expect, test } from 'vitest'
import { createLog } from '../../platform/log.ts'
import { startInformer } from '../informer.ts'
import { gpuNode, START_MS, startTestCluster, type TestCluster, testJob, UNSUSPEND } from './testkit.ts'

let cloud: TestCluster
afterEach(() => cloud.stop())

describe('whenIdle', () => {
  test('waits until watchers have acted on everything, and on what that led to', async () => {
    cloud = await startTestCluster()
    const { cluster, clock } = cloud
    const log = createLog('silent')
    const jobs = startInformer(cluster, 'Job', { log })
    const pods = startInformer(cluster, 'Pod', { log })
    await Promise.all([jobs.synced, pods.synced])
    // A scheduler of two lines.
    jobs.onChange(({ type, object }) => {
      if (type === 'ADDED')
        void cluster.patch('Job', { namespace: 't', name: object.metadata.name as string }, UNSUSPEND)
    })
    pods.onChange(({ type, object }) => void (type === 'ADDED' && cloud.bind(object, gpuNode.name)))
    await cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '30' } }))
    await cloud.whenIdle()
    assert.equal((await cloud.job()).status?.ready, 1)
    assert.equal(clock.nowMs(), START_MS)
    assert.equal(clock.nextTimerMs(), START_MS + 30_000)
    await Promise.all([jobs.stop(), pods.stop()])
  })

  test('a watcher that is still busy with an event keeps the cluster from being idle', async () => {
    cloud = await startTestCluster()
    const { resourceVersion } = await cloud.cluster.list('Job')
    const stopping = new AbortController()
    const [finish, seen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const watching = (async () => {
      for await (const _ of cloud.cluster.watch('Job', { resourceVersion, signal: stopping.signal })) {
        seen.resolve()
        await finish.promise
      }
    })()
    await cloud.cluster.apply('Job', testJob())
    await seen.promise
    assert.isFalse(cloud.idle())
    finish.resolve()
    await cloud.whenIdle()
    assert.isTrue(cloud.idle())
    stopping.abort()
    await watching
  })
})

test('a watcher that falls too far behind is cut off, and must list again', async () => {
  cloud = await startTestCluster({ historyLimit: 4 })
  const { resourceVersion } = await cloud.cluster.list('Job')
  const signal = AbortSignal.timeout(20_000)
  const slow = cloud.cluster.watch('Job', { resourceVersion, signal })[Symbol.asyncIterator]()
  const first = slow.next()
  for (let number = 0; number < 20; number++) {
    await cloud.cluster.apply('Job', { ...testJob(), metadata: { namespace: 't', name: `job-${number}` } })
  }
  assert.isFalse((await first).done)
  assert.isTrue((await slow.next()).done)
  const again = cloud.cluster.watch('Job', { resourceVersion, signal })[Symbol.asyncIterator]()
  await expect(again.next()).rejects.toMatchObject({ code: 'EXPIRED' })
})

test('the same seed and requests give the same uids, names and devices', async () => {
  const once = async () => {
    cloud = await startTestCluster({ seed: 'twice' })
    await cloud.cluster.apply('Job', testJob())
    await cloud.cluster.patch('Job', { namespace: 't', name: 'job' }, UNSUSPEND)
    await cloud.settle()
    const all = { pods: await cloud.pods(), job: await cloud.job(), devices: await cloud.devices(gpuNode.name) }
    await cloud.stop()
    return all
  }
  expect(await once()).toEqual(await once())
})

test('objects cannot be changed in place, and share what a write left alone', async () => {
  cloud = await startTestCluster()
  const before = await cloud.cluster.apply('Job', testJob())
  assert.isFrozen(before.spec?.template.spec?.containers)
  const after = await cloud.cluster.patch('Job', { namespace: 't', name: 'job' }, [
    { op: 'add', path: '/metadata/annotations', value: { a: 'b' } },
  ])
  assert.equal(after.spec, before.spec)
})

test('a dry run says what would be created, and keeps nothing', async () => {
  cloud = await startTestCluster()
  const tried = await cloud.cluster.create('Job', testJob(), { dryRun: true })
  assert.equal(tried.spec?.suspend, true)
  expect((await cloud.cluster.list('Job')).items).toEqual([])
})
