import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { silence } from '../../scheduler/testkit/faults.ts'
import { podsOfGroup, recordOf } from '../../scheduler/testkit/groups.ts'
import { jobOf } from '../../scheduler/testkit/stage.ts'
import type { CloudTenant } from '../testkit/cloudTenant.ts'
import { intervalsOf } from '../testkit/intervals.ts'
import { until } from '../testkit/until.ts'
import { namespaceOf, type RealCloud, startRealCloud } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { gpuNodes, placesOf, type RealScheduler, startRealScheduler } from './realScheduler.ts'

interface ChildWish {
  namespace: string
  group: string
  name: string
  pods: number
  gpus?: number
  runSeconds?: number
  queue?: string
}
type Owner = { name: string; uid: string }

/** A Job as JobSet makes it: another object is its controller, and nobody suspends it. */
function childJob({ namespace, group, name, pods, gpus = 4, runSeconds = 3_600, queue }: ChildWish, owner: Owner): Job {
  const podLabels = { [labels.group]: group, ...(queue !== undefined && { [labels.queue]: queue }) }
  const podAnnotations = { [annotations.groupSize]: '4' }
  const job = jobOf({ namespace, name, slots: pods, gpus, runSeconds, podLabels, podAnnotations })
  const controller = { apiVersion: 'v1', kind: 'ConfigMap', ...owner, controller: true }
  const { template } = job.spec ?? {}
  if (template === undefined) throw new Error('a Job has a template')
  return {
    ...job,
    metadata: { ...job.metadata, ownerReferences: [controller] },
    spec: { parallelism: pods, completions: 2, backoffLimit: 6, template },
  }
}

/** It stands for the JobSet. */
const ownerOf = (name: string, namespace: string) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } }) as const

onRealControlPlane((controlPlane) => {
  describe('a group of two Jobs that another controller made', () => {
    let real: RealScheduler
    let namespace: string
    beforeAll(async () => {
      real = await startRealScheduler(controlPlane, gpuNodes('SIMULATED', 'gpu-1', 'gpu-2'))
      namespace = await real.namespace()
    })
    afterAll(() => real?.stop())
    afterEach(() => real.clear(namespace))

    const pods = (group: string) => podsOfGroup(real.cluster, group, namespace)
    const WHOLE = ['gpu-1/0+1+2+3', 'gpu-1/4+5+6+7', 'gpu-2/0+1+2+3', 'gpu-2/4+5+6+7']
    async function owner(name: string): Promise<Owner> {
      const { metadata } = await real.cluster.create('ConfigMap', ownerOf(name, namespace))
      return { name, uid: metadata.uid ?? '' }
    }
    async function submit(group: string, second = 2): Promise<void> {
      const controller = await owner(group)
      for (const [name, count] of [
        ['leader', 2],
        ['worker', second],
      ] as const)
        await real.cluster.create(
          'Job',
          childJob({ namespace, group, name: `${group}-${name}`, pods: count }, controller),
        )
    }
    const untilThere = (group: string, count: number) =>
      until(
        `${count} pods of ${group} exist`,
        () => pods(group),
        (all) => all.length === count,
        60_000,
      )
    const untilRunning = (group: string) =>
      until(
        `${group} runs`,
        async () => (await pods(group)).filter(({ status }) => status?.phase === 'Running'),
        (all) => all.length === 4,
        60_000,
      )
    const untilWaiting = (group: string, code: string) =>
      until(
        `${group} waits with ${code}`,
        async () => recordOf(await pods(group)).pending,
        (told) => told?.code === code,
        60_000,
      )

    test('is bound when its last pod has come, all at once, with devices', async () => {
      await submit('whole', 1)
      await untilThere('whole', 3)
      expect((await untilWaiting('whole', 'WaitingForPods'))?.message).toBe(
        'Not all of the 4 pods of group whole wait for a place yet.',
      )
      expect((await pods('whole')).map(({ spec }) => spec?.nodeName)).toEqual([undefined, undefined, undefined])
      const last = { namespace, name: 'whole-worker' }
      await real.cluster.patch('Job', last, [{ op: 'replace', path: '/spec/parallelism', value: 2 }])
      const bound = await untilRunning('whole')
      expect(placesOf(bound)).toEqual(WHOLE)
      expect(new Set(bound.map(({ metadata }) => metadata.annotations?.[annotations.admittedAt])).size).toBe(1)
      for (const job of ['whole-leader', 'whole-worker'])
        expect((await real.cluster.get('Job', { namespace, name: job })).spec?.suspend).toBe(false)
      await real.expectSameLedgerAfterRestart((now, before) => expect(now).toEqual(before))
      await submit('second')
      await untilWaiting('second', 'InsufficientGpus')
      expect((await pods('second')).some(({ spec }) => spec?.nodeName !== undefined)).toBe(false)
    })

    test('whose scheduler is killed between the decision and the Bindings is completed by the next', async () => {
      real.faults.always('bind', silence)
      await submit('killed')
      await until(
        'the decision is written',
        async () => recordOf(await pods('killed')).text,
        (text) => text.includes('assignment'),
        60_000,
      )
      expect((await pods('killed')).some(({ spec }) => spec?.nodeName !== undefined)).toBe(false)
      await real.restart()
      expect(placesOf(await untilRunning('killed'))).toEqual(WHOLE)
    })

    test('is stopped for a Job of a higher class: its pods are deleted, and those made anew wait', async () => {
      await submit('stopped')
      await untilRunning('stopped')
      const urgent = await real.submit(namespace, {
        name: 'urgent',
        slots: 2,
        gpus: 8,
        runSeconds: 3_600,
        annotations: { [annotations.class]: 'INFERENCE' },
      })
      await real.untilRunning(urgent, 2)
      await untilWaiting('stopped', 'InsufficientGpus')
      await real.cluster.delete('Job', { namespace, name: 'urgent' }, { propagationPolicy: 'Background' })
      expect(placesOf(await untilRunning('stopped'))).toEqual(WHOLE)
    })
  })

  describe('a group’s pods', () => {
    let cloud: RealCloud
    let acme: CloudTenant
    let namespace: string
    beforeAll(async () => {
      cloud = await startRealCloud(controlPlane, 1)
      acme = await cloud.tenant('acme')
      namespace = await namespaceOf(cloud, acme)
    })
    afterAll(() => cloud?.stop())

    test('are metered one by one, and count in the queue that its pods name', async () => {
      await cloud.cluster.create('Queue', {
        apiVersion: 'sluice.dev/v1alpha1',
        kind: 'Queue',
        metadata: { name: 'groups' },
        spec: { quotas: [] },
      })
      const { metadata } = await cloud.cluster.create('ConfigMap', ownerOf('set', namespace))
      const owner = { name: 'set', uid: metadata.uid ?? '' }
      for (const name of ['set-leader', 'set-worker']) {
        const wish = { namespace, group: 'set', name, pods: 2, gpus: 2, runSeconds: 4, queue: 'groups' }
        await cloud.cluster.create('Job', childJob(wish, owner))
      }
      await until(
        'the queue counts them',
        async () => (await cloud.cluster.get('Queue', { name: 'groups' })).status?.usedGpus,
        (gpus) => gpus === '8',
        60_000,
      )
      const rows = await until(
        'all of it is metered',
        () => intervalsOf(cloud, acme),
        (all) => all.length === 8 && all.every(({ end }) => end !== ''),
        60_000,
      )
      expect(new Set(rows.map(({ device }) => device)).size).toBe(8)
      expect(new Set(rows.map(({ job }) => job)).size, 'each child Job is a job of the graph').toBe(2)
      for (const name of ['set-leader', 'set-worker']) {
        const job = await cloud.cluster.get('Job', { namespace, name })
        expect(job.metadata.labels?.[labels.queue]).toBe('groups')
      }
    })

    test('are the only ones that the agent’s account may delete', async () => {
      await cloud.kubectl(['run', 'lone', '--image', 'busybox', '-n', namespace, '--restart', 'Never'])
      const remove = cloud.agentsCluster.delete('Pod', { namespace, name: 'lone' })
      await expect(remove).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })
  })
})
