import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations } from '../../../names.ts'
import type { Job } from '../../../objects.ts'
import { isTrue } from '../../conditions.ts'
import { gpuNode, SUSPEND, startTestCluster, type TestCluster, testJob, UNSUSPEND } from '../../testkit.ts'

let cloud: TestCluster
afterEach(() => cloud.stop())

const ref = { namespace: 't', name: 'job' }
const is = (job: Job, type: string) => isTrue(job.status?.conditions, type)

/** Admits the Job and binds every pod that waits. */
async function admit(): Promise<void> {
  await cloud.cluster.patch('Job', ref, UNSUSPEND)
  await cloud.settle()
  await bindWaiting()
}
async function bindWaiting(): Promise<void> {
  for (const pod of await cloud.pods()) if (!pod.spec?.nodeName) await cloud.bind(pod, gpuNode.name)
  await cloud.settle()
}
async function dropFinalizers(): Promise<void> {
  for (const { metadata } of await cloud.pods()) {
    if (!metadata.finalizers?.length) continue
    await cloud.cluster.patch('Pod', { namespace: 't', name: metadata.name as string }, [
      { op: 'remove', path: '/metadata/finalizers' },
    ])
  }
  await cloud.settle()
}

describe('the way of a Job', () => {
  test('from its creation to its end, at one instant of time each', async () => {
    cloud = await startTestCluster()
    await cloud.cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '60' } }))
    await cloud.settle()
    assert.isTrue(is(await cloud.job(), 'Suspended'))
    await admit()
    expect((await cloud.job()).status).toMatchObject({ active: 1, ready: 1, startTime: '2026-01-01T00:00:00Z' })
    await cloud.pass(59)
    assert.equal((await cloud.job()).status?.ready, 1)
    await cloud.pass(1)
    const job = await cloud.job()
    assert.isTrue(is(job, 'Complete'))
    expect(job.status).toMatchObject({ succeeded: 1, completedIndexes: '0', completionTime: '2026-01-01T00:01:00Z' })
    assert.equal(cloud.clock.nextTimerMs(), null, 'nothing waits for time any more')
  })

  test('completions beyond parallelism run one after the other in the same slots', async () => {
    cloud = await startTestCluster()
    const spec = { completions: 5, parallelism: 2 }
    await cloud.cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '10' }, spec }))
    await admit()
    const most: number[] = []
    for (let second = 0; second < 30; second += 10) {
      most.push((await cloud.job()).status?.active ?? 0)
      await cloud.pass(10)
      await bindWaiting()
    }
    expect(most).toEqual([2, 2, 1])
    expect((await cloud.job()).status).toMatchObject({ succeeded: 5, completedIndexes: '0-4' })
  })

  test('a Job of three indexes, of which one failed, names the others', async () => {
    cloud = await startTestCluster()
    await cloud.cluster.apply(
      'Job',
      testJob({ env: { SIM_RUN_SECONDS: '10' }, spec: { completions: 3, parallelism: 3, backoffLimit: 1 } }),
    )
    await admit()
    const victim = (await cloud.pods()).find(
      ({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-completion-index'] === '1',
    )
    await cloud.cluster.patch(
      'Pod',
      { namespace: 't', name: victim?.metadata.name as string },
      [{ op: 'add', path: '/status/phase', value: 'Failed' }],
      { subresource: 'status' },
    )
    await cloud.pass(10)
    expect((await cloud.job()).status).toMatchObject({ succeeded: 2, failed: 1, completedIndexes: '0,2' })
  })
})

describe('failures', () => {
  test('delay the next pod by 10 s, then 20 s, until the limit is passed', async () => {
    cloud = await startTestCluster()
    await cloud.cluster.apply(
      'Job',
      testJob({ env: { SIM_RUN_SECONDS: '0', SIM_EXIT_CODE: '1' }, spec: { backoffLimit: 2 } }),
    )
    await admit()
    await cloud.pass(9)
    assert.equal((await cloud.pods()).length, 1)
    await cloud.pass(1)
    assert.equal((await cloud.pods()).length, 2)
    await bindWaiting()
    await cloud.pass(19)
    assert.equal((await cloud.pods()).length, 2)
    await cloud.pass(1)
    await bindWaiting()
    await cloud.settle()
    const job = await cloud.job()
    assert.isTrue(is(job, 'Failed'))
    assert.equal(job.status?.failed, 3)
  })

  test('a FailJob rule ends the Job at the first pod that matches it, and takes the others along', async () => {
    cloud = await startTestCluster()
    const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }
    const spec = { completions: 2, parallelism: 2, backoffLimit: 6, podFailurePolicy: { rules: [rule] } }
    await cloud.cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '5', SIM_EXIT_CODE: '42' }, spec }))
    await admit()
    await cloud.pass(5)
    const job = await cloud.job()
    assert.equal(job.status?.conditions?.find(({ type }) => type === 'Failed')?.reason, 'PodFailurePolicy')
    assert.equal(job.status?.active ?? 0, 0)
  })

  test('a Job past its deadline is failed only when its last pod has ended', async () => {
    cloud = await startTestCluster()
    await cloud.cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '600' }, spec: { activeDeadlineSeconds: 30 } }))
    await cloud.cluster.patch('Job', ref, UNSUSPEND)
    await cloud.settle()
    // Bound where no kubelet is: nobody ends it.
    const [pod] = await cloud.pods()
    await cloud.cluster.bind({
      namespace: 't',
      pod: pod?.metadata.name as string,
      node: 'elsewhere',
      uid: pod?.metadata.uid as string,
      annotations: {},
    })
    await cloud.pass(30)
    const job = await cloud.job()
    assert.isTrue(is(job, 'FailureTarget'))
    assert.isFalse(is(job, 'Failed'))
    const name = pod?.metadata.name as string
    await cloud.cluster.patch(
      'Pod',
      { namespace: 't', name },
      [{ op: 'add', path: '/status/phase', value: 'Failed' }],
      { subresource: 'status' },
    )
    await cloud.settle()
    assert.isTrue(is(await cloud.job(), 'Failed'))
  })
})

describe('suspending', () => {
  test('dismisses the pods without a failure; resumed, the Job starts anew, deadline included', async () => {
    cloud = await startTestCluster()
    await cloud.cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '50' }, spec: { activeDeadlineSeconds: 60 } }))
    await admit()
    await cloud.pass(40)
    await cloud.cluster.patch('Job', ref, SUSPEND)
    await cloud.settle()
    const suspended = await cloud.job()
    expect(suspended.status).toMatchObject({ ready: 0, terminating: 0 })
    assert.isUndefined(suspended.status?.startTime)
    assert.isUndefined(suspended.status?.failed)
    await dropFinalizers()
    expect(await cloud.pods()).toEqual([])
    await cloud.pass(100)
    await admit()
    await cloud.pass(50)
    assert.isTrue(is(await cloud.job(), 'Complete'))
  })

  test('an index does not run twice: its next pod waits for the end of the one that is terminating', async () => {
    cloud = await startTestCluster()
    await cloud.cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '600' } }))
    await cloud.cluster.patch('Job', ref, UNSUSPEND)
    await cloud.settle()
    const [pod] = await cloud.pods()
    const name = pod?.metadata.name as string
    await cloud.cluster.bind({
      namespace: 't',
      pod: name,
      node: 'elsewhere',
      uid: pod?.metadata.uid as string,
      annotations: {},
    })
    await cloud.cluster.patch('Job', ref, SUSPEND)
    await cloud.settle()
    await cloud.cluster.patch('Job', ref, UNSUSPEND)
    await cloud.settle()
    assert.equal((await cloud.pods()).length, 1)
    assert.equal((await cloud.job()).status?.terminating, 1)
    await cloud.cluster.patch(
      'Pod',
      { namespace: 't', name },
      [{ op: 'add', path: '/status/phase', value: 'Failed' }],
      { subresource: 'status' },
    )
    await cloud.settle()
    assert.equal((await cloud.pods()).length, 2)
  })

  test('an unbound pod that a finalizer holds is marked as failed after a while', async () => {
    cloud = await startTestCluster()
    await cloud.cluster.apply('Job', testJob())
    await cloud.cluster.patch('Job', ref, UNSUSPEND)
    await cloud.settle()
    await cloud.cluster.patch('Job', ref, SUSPEND)
    await cloud.pass(19)
    assert.equal((await cloud.pods())[0]?.status?.phase, 'Pending')
    await cloud.pass(1)
    assert.equal((await cloud.pods())[0]?.status?.phase, 'Failed')
  })
})

test('pods that are refused are tried again, later each time', async () => {
  cloud = await startTestCluster()
  const wanted = testJob()
  const template = {
    ...wanted.spec?.template,
    spec: { containers: [], ...wanted.spec?.template.spec, priorityClassName: 'missing' },
  }
  await cloud.cluster.apply('Job', { ...wanted, spec: { ...wanted.spec, template } })
  await cloud.cluster.patch('Job', ref, UNSUSPEND)
  await cloud.pass(10)
  expect(await cloud.pods()).toEqual([])
  assert.isUndefined((await cloud.job()).status?.active)
  await cloud.cluster.create('PriorityClass', {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'missing' },
    value: 7,
  })
  await cloud.pass(60)
  const [pod] = await cloud.pods()
  assert.equal(pod?.spec?.priority, 7)
})

test('a Job that another controller manages is left alone', async () => {
  cloud = await startTestCluster()
  await cloud.cluster.apply('Job', testJob({ spec: { managedBy: 'example.test/other' } }))
  await cloud.cluster.patch('Job', ref, UNSUSPEND)
  await cloud.settle()
  expect(await cloud.pods()).toEqual([])
  expect((await cloud.job()).status).toEqual({})
})

test('a Job’s assignment on its own annotations makes it no work', async () => {
  cloud = await startTestCluster()
  await cloud.cluster.apply('Job', testJob({ env: { SIM_RUN_SECONDS: '60' } }))
  await admit()
  const before = await cloud.job()
  const annotated = await cloud.cluster.patch('Job', ref, [
    { op: 'add', path: '/metadata/annotations', value: { [annotations.assignment]: '{}' } },
  ])
  await cloud.settle()
  const after = await cloud.job()
  assert.equal(after.metadata.resourceVersion, annotated.metadata.resourceVersion)
  assert.equal(after.status, before.status)
})
