import { assert, describe, expect, test } from 'vitest'
import type { JsonPatch, Ref } from '../cluster.ts'
import type { Job, Pod } from '../objects.ts'
import { bindingOf } from './pods.contract.ts'
import { job } from './samples.ts'
import type { Stage } from './stage.ts'
import { until, untilAll } from './until.ts'

const UNSUSPEND = [
  { op: 'test', path: '/spec/suspend', value: true },
  { op: 'replace', path: '/spec/suspend', value: false },
] as const
const SUSPEND = [{ op: 'replace', path: '/spec/suspend', value: true }] as const

function sizeTo(pods: number): JsonPatch {
  return [
    { op: 'replace', path: '/spec/parallelism', value: pods },
    { op: 'replace', path: '/spec/completions', value: pods },
  ]
}

export function describeJobs(stage: Stage): void {
  const untilJob = (ref: Ref, accepts: (job: Job) => boolean) =>
    until(stage.cluster, 'Job', ref, (object) => object !== undefined && accepts(object)) as Promise<Job>
  const untilPods = (namespace: string, accepts: (pods: Pod[]) => boolean) =>
    untilAll(stage.cluster, 'Pod', namespace, accepts)

  async function start(wanted: Job): Promise<Ref & { namespace: string }> {
    const { metadata } = await stage.cluster.create('Job', wanted)
    return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
  }
  /** Waits for `count` pods that are not bound yet, and binds them where a kubelet plays. */
  async function bindPods(namespace: string, count: number): Promise<Pod[]> {
    const pods = await untilPods(namespace, (all) => all.filter(isUnbound).length === count)
    const unbound = pods.filter(isUnbound)
    for (const created of unbound) await stage.cluster.bind(bindingOf(created, stage.node))
    return unbound
  }

  describe('a Job', () => {
    test('has no pods and no start while it is suspended', async () => {
      const ref = await start(job(await stage.namespace(), 'waiting'))
      const waiting = await untilJob(ref, (object) => isTrue(object, 'Suspended'))
      assert.isUndefined(waiting.status?.startTime)
      expect((await stage.cluster.list('Pod', { namespace: ref.namespace })).items).toEqual([])
    })

    test('gets its indexed pods when it is unsuspended', async () => {
      const ref = await start(job(await stage.namespace(), 'indexed'))
      await untilJob(ref, (object) => isTrue(object, 'Suspended'))
      const resumed = await stage.cluster.patch('Job', ref, UNSUSPEND)
      const pods = await untilPods(ref.namespace, (all) => all.length === 2)
      expect(pods.map(indexOf).sort()).toEqual(['0', '1'])
      for (const { metadata, status } of pods) {
        expect(metadata.labels).toMatchObject({ 'batch.kubernetes.io/job-name': 'indexed' })
        expect(metadata.annotations?.['batch.kubernetes.io/job-completion-index']).toBe(indexOf({ metadata }))
        expect(metadata.ownerReferences).toEqual([
          expect.objectContaining({ kind: 'Job', name: 'indexed', uid: resumed.metadata.uid, controller: true }),
        ])
        assert.equal(status?.phase, 'Pending')
      }
      const active = await untilJob(ref, (object) => object.status?.active === 2)
      assert.isString(active.status?.startTime)
      assert.isFalse(isTrue(active, 'Suspended'))
    })

    test('counts ready pods, and is complete when every index has succeeded', async () => {
      const ref = await start(job(await stage.namespace(), 'complete', { suspend: false }, { SIM_RUN_SECONDS: '2' }))
      await bindPods(ref.namespace, 2)
      await untilJob(ref, (object) => object.status?.ready === 2)
      const complete = await untilJob(ref, (object) => isTrue(object, 'Complete'))
      assert.isTrue(isTrue(complete, 'SuccessCriteriaMet'))
      expect(complete.status).toMatchObject({ succeeded: 2, completedIndexes: '0,1' })
      assert.isString(complete.status?.completionTime)
      const { items: pods } = await stage.cluster.list('Pod', { namespace: ref.namespace })
      expect(pods.map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Succeeded'])
    })

    test('fails beyond its backoffLimit, and says so', async () => {
      const env = { SIM_RUN_SECONDS: '0', SIM_EXIT_CODE: '3' }
      const ref = await start(job(await stage.namespace(), 'failing', { suspend: false, completions: 1 }, env))
      await bindPods(ref.namespace, 1)
      const failed = await untilJob(ref, (object) => isTrue(object, 'Failed'))
      assert.isTrue(isTrue(failed, 'FailureTarget'))
      assert.equal(conditionOf(failed, 'Failed')?.reason, 'BackoffLimitExceeded')
      assert.equal(failed.status?.failed, 1)
      assert.isUndefined(failed.status?.completionTime)
    })

    test('loses its pods and its start when it is suspended again, without a failure', async () => {
      const ref = await start(job(await stage.namespace(), 'paused', { suspend: false }, { SIM_RUN_SECONDS: '600' }))
      await bindPods(ref.namespace, 2)
      await untilJob(ref, (object) => object.status?.ready === 2)
      await stage.cluster.patch('Job', ref, SUSPEND)
      await untilPods(ref.namespace, (all) => all.length === 0)
      const paused = await untilJob(ref, (object) => isTrue(object, 'Suspended') && !object.status?.terminating)
      assert.equal(paused.status?.active ?? 0, 0)
      assert.equal(paused.status?.failed ?? 0, 0)
      assert.isUndefined(paused.status?.startTime)
      await stage.cluster.patch('Job', ref, UNSUSPEND)
      await untilPods(ref.namespace, (all) => all.length === 2)
    })

    test('that is Indexed becomes larger and smaller by its completions and pods together: those beyond go, the others stay', async () => {
      const ref = await start(job(await stage.namespace(), 'elastic', { suspend: false }, { SIM_RUN_SECONDS: '600' }))
      const first = await bindPods(ref.namespace, 2)
      await stage.cluster.patch('Job', ref, sizeTo(3))
      await bindPods(ref.namespace, 1)
      await untilJob(ref, (object) => object.status?.ready === 3)
      await stage.cluster.patch('Job', ref, sizeTo(1))
      const left = await untilPods(ref.namespace, (all) => all.length === 1)
      const [kept] = first.filter((pod) => indexOf(pod) === '0')
      assert.equal(left[0]?.metadata.uid, kept?.metadata.uid)
      const smaller = await untilJob(ref, (object) => object.status?.active === 1 && !object.status.terminating)
      assert.equal(smaller.status?.failed ?? 0, 0)
    })

    test('becomes larger and smaller while it is suspended too, and never by its completions alone', async () => {
      const ref = await start(job(await stage.namespace(), 'resized'))
      await stage.cluster.patch('Job', ref, sizeTo(5))
      const { spec } = await stage.cluster.patch('Job', ref, [...UNSUSPEND, ...sizeTo(1)])
      expect(spec).toMatchObject({ suspend: false, parallelism: 1, completions: 1 })
      const alone = [{ op: 'replace', path: '/spec/completions', value: 2 }] as const
      await expect(stage.cluster.patch('Job', ref, alone)).rejects.toMatchObject({ code: 'INVALID' })
    })

    test('starts the next pod when one of its slots is free', async () => {
      const spec = { suspend: false, completionMode: 'NonIndexed', completions: 2, parallelism: 1 }
      const ref = await start(job(await stage.namespace(), 'one-by-one', spec, { SIM_RUN_SECONDS: '0' }))
      await bindPods(ref.namespace, 1)
      await bindPods(ref.namespace, 1)
      const complete = await untilJob(ref, (object) => isTrue(object, 'Complete'))
      assert.equal(complete.status?.succeeded, 2)
    })

    test('is failed by its deadline, its pods deleted', async () => {
      const spec = { suspend: false, activeDeadlineSeconds: 2 }
      const ref = await start(job(await stage.namespace(), 'late', spec, { SIM_RUN_SECONDS: '600' }))
      await bindPods(ref.namespace, 2)
      const failed = await untilJob(ref, (object) => isTrue(object, 'Failed'))
      assert.equal(conditionOf(failed, 'Failed')?.reason, 'DeadlineExceeded')
      await untilPods(ref.namespace, (all) => all.length === 0)
    })

    test('gets only the pods that a quota has room for, and the rest when there is room again', async () => {
      const namespace = await stage.namespace()
      await stage.cluster.create('ResourceQuota', {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { namespace, name: 'one-pod' },
        spec: { hard: { pods: '1' } },
      })
      await until(stage.cluster, 'ResourceQuota', { namespace, name: 'one-pod' }, (quota) => !!quota?.status?.hard)
      const ref = await start(job(namespace, 'half', { suspend: false }, { SIM_RUN_SECONDS: '0' }))
      await bindPods(namespace, 1)
      await untilPods(namespace, (all) => all.some(({ status }) => status?.phase === 'Succeeded'))
      await bindPods(namespace, 1)
      const complete = await untilJob(ref, (object) => isTrue(object, 'Complete'))
      assert.equal(complete.status?.succeeded, 2)
    })

    test('does not count a disrupted pod as a failure where its policy says so, and replaces it', async () => {
      const podFailurePolicy: NonNullable<Job['spec']>['podFailurePolicy'] = {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      }
      const spec = { suspend: false, completions: 1, podReplacementPolicy: 'Failed', podFailurePolicy }
      const ref = await start(job(await stage.namespace(), 'disrupted', spec, { SIM_RUN_SECONDS: '600' }))
      const [first] = await bindPods(ref.namespace, 1)
      await untilJob(ref, (object) => object.status?.ready === 1)
      await stage.cluster.evict({ namespace: ref.namespace, name: first?.metadata.name ?? '' })
      const [second] = await untilPods(ref.namespace, (all) => all.length === 1 && all.every(isUnbound))
      assert.notEqual(second?.metadata.uid, first?.metadata.uid)
      assert.equal((await stage.cluster.get('Job', ref)).status?.failed ?? 0, 0)
    })
  })
}

function isUnbound({ spec, metadata }: Pod): boolean {
  return spec?.nodeName === undefined && metadata.deletionTimestamp === undefined
}

function indexOf({ metadata }: Pick<Pod, 'metadata'>): string | undefined {
  return metadata.labels?.['batch.kubernetes.io/job-completion-index']
}

function conditionOf(object: Job, type: string) {
  return object.status?.conditions?.find((condition) => condition.type === type)
}

function isTrue(object: Job, type: string): boolean {
  return conditionOf(object, type)?.status === 'True'
}
