import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labels, METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import { dataOf } from '../testkit/answers.ts'
import type { CloudTenant, JobEvent } from '../testkit/cloudTenant.ts'
import { intervalsOf } from '../testkit/intervals.ts'
import { type RealCloud, startRealCloud } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { last, type ObjectRecord } from './records.ts'
import { costOf } from './reports.ts'

onRealControlPlane((controlPlane) => {
  let cloud: RealCloud
  let acme: CloudTenant
  beforeAll(async () => {
    cloud = await startRealCloud(controlPlane, 2)
    acme = await cloud.tenant('acme')
  })
  afterAll(() => cloud?.stop())

  const gang = { replicas: 2, resources: { gpu: { count: 4 } } }
  const wholeCluster = { replicas: 2, resources: { gpu: { count: 8 } } }
  const recordsOf = <T extends Job | Pod>(all: ObjectRecord<T>[], id: string) =>
    all.filter((each) => last(each).metadata.labels?.[labels.job] === id)

  async function run(input: Parameters<CloudTenant['submitJob']>[0]): Promise<string> {
    const id = await acme.submitJob(input)
    await acme.eventsUntil(id, 'RUNNING')
    return id
  }
  /** Resolves when neither Job nor pods of it are left. */
  async function whenGone(id: string): Promise<void> {
    const areGone = (all: ObjectRecord<Job | Pod>[]) => {
      const own = recordsOf(all, id)
      return own.length > 0 && own.every(({ isGone }) => isGone) ? true : undefined
    }
    await cloud.jobs.until('the Job is gone', areGone)
    await cloud.pods.until('its pods are gone', areGone)
  }
  /** What the export says of a job is what its cost is made of, and each device is in it once. */
  async function expectWholeLedger(id: string, devices: number): Promise<void> {
    const rows = (await intervalsOf(cloud, acme)).filter(({ job }) => job === id)
    expect(new Set(rows.map(({ device }) => device)).size).toBe(devices)
    expect(rows).toHaveLength(devices)
    const { usage, cost } = await costOf(cloud, acme, id)
    expect(rows.reduce((sum, row) => sum + Number(row.gpu_seconds), 0)).toBe(Number(usage.gpuSeconds))
    expect(cost.complete).toBe(true)
  }

  test('of two gangs one waits, says why, and runs when the other is done', async () => {
    const first = await acme.submitJob({ ...wholeCluster, name: 'first', runSeconds: 3 })
    await acme.eventsUntil(first, 'ADMITTED')
    const second = await acme.submitJob({ ...gang, name: 'second' })
    const events = await acme.eventsUntil(second, 'METERED')
    expect(kindsOf(events)).toEqual(['SUBMITTED', 'REASON_CHANGED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'])
    expect(events[1]?.message).toMatch(/\S/)
    const rows = await intervalsOf(cloud, acme)
    const freed = rows.filter(({ job }) => job === first).map(({ end }) => end)
    const taken = rows.filter(({ job }) => job === second).map(({ start }) => start)
    expect([...freed, ...taken].sort(), 'no device is held twice').toEqual([...freed.sort(), ...taken.sort()])
    await expectWholeLedger(second, 8)
  })

  test('cancelJob ends a running job: its pods are deleted, and what they held is metered', async () => {
    const id = await run({ ...wholeCluster, name: 'endless', runSeconds: 3_600 })
    const cancelled = await cloud.ask<{ cancelJob: { job: { phase: string } } }>(acme.token, CANCEL, { input: { id } })
    expect(dataOf(cancelled).cancelJob.job.phase).toBe('CANCELLED')
    await whenGone(id)
    expect(kindsOf(await acme.eventsUntil(id, 'METERED')).slice(-2)).toEqual(['CANCELLED', 'METERED'])
    await expectWholeLedger(id, 16)
  })

  test('kubectl delete ends a running job as cancelled', async () => {
    const id = await run({ ...gang, name: 'unwanted', runSeconds: 3_600 })
    await deleteJob(id)
    await whenGone(id)
    const events = await acme.eventsUntil(id, 'METERED')
    expect(kindsOf(events).slice(-2)).toEqual(['CANCELLED', 'METERED'])
    expect(events.find(({ type }) => type === 'CANCELLED')).toMatchObject({ reason: 'DELETED' })
    await expectWholeLedger(id, 8)
  })

  test('a job suspended by hand is evicted, admitted anew, and runs once its new pods do', async () => {
    const id = await run({ ...gang, name: 'paused', runSeconds: 2 })
    await patchJob(id, { spec: { suspend: true } })
    const events = await acme.eventsUntil(id, 'METERED')
    const [admitted, running] = ['ADMITTED', 'RUNNING'].map((kind) => events.findLast(({ type }) => type === kind))
    expect(kindsOf(events).filter((type) => type !== 'REASON_CHANGED')).toEqual([
      'SUBMITTED',
      'ADMITTED',
      'RUNNING',
      'EVICTED',
      'ADMITTED',
      'RUNNING',
      'SUCCEEDED',
      'METERED',
    ])
    const starts = recordsOf(cloud.pods.all(), id)
      .map((pod) => last(pod).status?.containerStatuses?.[0]?.state?.terminated)
      .filter((ended) => ended?.exitCode === 0)
      .map((ended) => Date.parse(ended?.startedAt ?? ''))
    expect(starts).toHaveLength(2)
    expect(Date.parse(running?.at ?? '')).toBe(Math.max(...starts, Date.parse(admitted?.at ?? '')))
    expect((await intervalsOf(cloud, acme)).filter(({ job }) => job === id)).toHaveLength(16)
  })

  describe('an agent that stops and starts', () => {
    async function withoutAgent(happens: () => Promise<void>): Promise<void> {
      await cloud.stopAgent()
      try {
        await happens()
      } finally {
        await cloud.startAgent()
      }
    }
    const transitions = (id: string) =>
      recordsOf(cloud.jobs.all(), id)[0]
        ?.versions.map(({ spec }) => spec?.suspend)
        .filter(isChange)

    test('while a job runs goes on with it: no second run, and nothing told twice', async () => {
      const id = await run({ ...gang, name: 'lasting', runSeconds: 4 })
      await withoutAgent(async () => {})
      const events = await acme.eventsUntil(id, 'METERED')
      expect(kindsOf(events).filter((type) => type !== 'REASON_CHANGED')).toEqual([
        'SUBMITTED',
        'ADMITTED',
        'RUNNING',
        'SUCCEEDED',
        'METERED',
      ])
      expect(transitions(id)).toEqual([true, false])
      expect(recordsOf(cloud.pods.all(), id)).toHaveLength(2)
      await expectWholeLedger(id, 8)
    })

    test('finds a job that ended meanwhile, since its pods stay until they are metered', async () => {
      const id = await run({ ...gang, name: 'unseen', runSeconds: 3 })
      await withoutAgent(async () => {
        await cloud.jobs.until('the Job is complete', (all) => recordsOf(all, id).find(isComplete))
        for (const pod of recordsOf(cloud.pods.all(), id)) {
          expect(pod.isGone).toBe(false)
          expect(last(pod).metadata.finalizers).toContain(METERED_FINALIZER)
        }
      })
      expect(kindsOf(await acme.eventsUntil(id, 'METERED')).slice(-2)).toEqual(['SUCCEEDED', 'METERED'])
      await whenGone(id)
      await expectWholeLedger(id, 8)
    })

    test('finds a job that was deleted meanwhile', async () => {
      const id = await run({ ...gang, name: 'vanished', runSeconds: 3_600 })
      await withoutAgent(async () => {
        await deleteJob(id)
        await cloud.pods.until('its pods have ended', (all) =>
          recordsOf(all, id).every((pod) => last(pod).status?.phase === 'Failed') ? true : undefined,
        )
      })
      expect(kindsOf(await acme.eventsUntil(id, 'METERED')).slice(-2)).toEqual(['CANCELLED', 'METERED'])
      await whenGone(id)
      await expectWholeLedger(id, 8)
    })
  })

  // Last: an agent that stops soon after does not give its Lease back, and the next one waits until it has run out.
  test('an API server that is killed and started again loses no job that runs, waits or is submitted meanwhile', async () => {
    const running = await run({ ...wholeCluster, name: 'steady', runSeconds: 12 })
    const waiting = await acme.submitJob({ ...gang, name: 'patient' })
    await acme.eventsUntil(waiting, 'REASON_CHANGED')
    const restarting = cloud.restartApiServer()
    const meanwhile = await acme.submitJob({ ...gang, name: 'meanwhile' })
    await restarting
    for (const [id, devices] of [
      [running, 16],
      [waiting, 8],
      [meanwhile, 8],
    ] as const) {
      // Kubernetes' own controllers take their time to come back.
      await cloud.jobs.until('the Job is complete', (all) => recordsOf(all, id).find(isComplete))
      const kinds = kindsOf(await acme.eventsUntil(id, 'METERED')).filter((type) => type !== 'REASON_CHANGED')
      expect(kinds).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'])
      await whenGone(id)
      await expectWholeLedger(id, devices)
    }
  })

  async function deleteJob(id: string): Promise<void> {
    await cloud.kubectl(['delete', 'job', ...objectOf(id)])
  }
  async function patchJob(id: string, patch: object): Promise<void> {
    await cloud.kubectl(['patch', 'job', ...objectOf(id), '--patch', JSON.stringify(patch)])
  }
  function objectOf(id: string): string[] {
    const { namespace = '', name = '' } = recordsOf(cloud.jobs.all(), id).map(last)[0]?.metadata ?? {}
    return ['--namespace', namespace, name]
  }
})

const CANCEL = `mutation Cancel($input: CancelJobInput!) {
  cancelJob(input: $input) { job { phase } userErrors { code message } }
}`

function kindsOf(events: JobEvent[]): string[] {
  return events.map(({ type }) => type)
}

function isComplete(job: ObjectRecord<Job>): boolean {
  return last(job).status?.conditions?.some(({ type }) => type === 'Complete') ?? false
}

function isChange<T>(value: T, index: number, all: T[]): boolean {
  return value !== all[index - 1]
}
