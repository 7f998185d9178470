import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotations, labels, METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import type { CloudTenant, JobEvent } from '../testkit/cloudTenant.ts'
import { intervalsOf, sumOf } from '../testkit/intervals.ts'
import { type RealCloud, startRealCloud } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { last, type ObjectRecord } from './records.ts'
import { costOf } from './reports.ts'

onRealControlPlane((controlPlane) => {
  let cloud: RealCloud
  let acme: CloudTenant
  let id: string
  let events: JobEvent[]
  let job: ObjectRecord<Job>
  let pods: ObjectRecord<Pod>[]

  beforeAll(async () => {
    cloud = await startRealCloud(controlPlane, 2)
    acme = await cloud.tenant('acme')
    id = await acme.submitJob({
      name: 'train',
      replicas: 2,
      resources: { cpu: '8', memoryMiB: 65_536, gpu: { count: 4 } },
      runSeconds: 2,
    })
    events = await acme.eventsUntil(id, 'METERED')
    job = await cloud.jobs.until('the finished Job is gone', (all) => all.find((each) => isOf(each) && each.isGone))
    pods = await cloud.pods.until('both pods are gone', (all) => {
      const own = all.filter(isOf)
      return own.length === 2 && own.every(({ isGone }) => isGone) ? own : undefined
    })
  })
  afterAll(() => cloud?.stop())

  const isOf = (record: ObjectRecord<Job | Pod>) => last(record).metadata.labels?.[labels.job] === id

  test('its events tell the way from the mutation to the report, each once', () => {
    const types = events.map(({ type }) => type).filter((type) => type !== 'REASON_CHANGED')
    expect(types).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'])
  })

  test('its Job comes in suspended and is unsuspended once, in the write that holds its assignment', () => {
    const [first, ...later] = job.versions
    expect(first?.spec?.suspend).toBe(true)
    expect(first?.metadata.annotations).not.toHaveProperty([annotations.assignment])
    const admitted = later.find(({ spec }) => spec?.suspend === false)
    expect(admitted?.metadata.annotations).toMatchObject({
      [annotations.assignment]: expect.stringContaining('gpu-'),
      [annotations.admittedAt]: expect.any(String),
      [annotations.epoch]: '1',
    })
    const states = job.versions.map(({ spec }) => spec?.suspend)
    expect(states.lastIndexOf(true), 'it stays unsuspended').toBe(states.indexOf(false) - 1)
    expect(last(job).status?.conditions).toContainEqual(expect.objectContaining({ type: 'Complete', status: 'True' }))
  })

  test('its pods are bound with slot, devices, time of admission and epoch in one write', () => {
    const bound = pods.map(({ versions }) => versions.find(({ spec }) => spec?.nodeName !== undefined))
    for (const pod of bound) {
      expect(pod?.spec?.schedulerName).toBe('sluice')
      expect(pod?.metadata.annotations).toMatchObject({
        [annotations.admittedAt]: last(job).metadata.annotations?.[annotations.admittedAt],
        [annotations.epoch]: '1',
      })
    }
    expect(bound.map((pod) => pod?.metadata.annotations?.[annotations.slot]).sort()).toEqual(['0', '1'])
    expect(new Set(devicesOf(pods)).size).toBe(8)
  })

  test('its finished pods carry the finalizer that metering has to let go of', () => {
    for (const { versions } of pods) {
      const ended = versions.find(({ status }) => status?.phase === 'Succeeded')
      expect(ended?.metadata.finalizers).toContain(METERED_FINALIZER)
    }
  })

  test('its cost is complete, and the export has every device once, with the seconds the kubelets counted', async () => {
    const { usage, cost } = await costOf(cloud, acme, id)
    const rows = await intervalsOf(cloud, acme)
    expect(rows.map(({ device }) => device).sort()).toEqual(devicesOf(pods).sort())
    const counted = cloud.kubelet.account().gpuSecondsByTenant.get(acme.id)
    expect(Number(sumOf(rows, 'gpu_seconds'))).toBe(Number(counted))
    expect(Number(usage.gpuSeconds)).toBe(Number(counted))
    expect(cost).toMatchObject({ complete: true, currency: rows[0]?.currency })
    expect(Number(sumOf(rows, 'cost'))).toBeCloseTo(Number(cost.amount), 9)
    expect(rows.map((row) => row.start)).toEqual(
      rows.map(() => last(job).metadata.annotations?.[annotations.admittedAt]),
    )
  })

  test('a share of a device is metered as that share', async () => {
    const shared = await acme.submitJob({ name: 'share', resources: { gpu: { share: '0.25' } }, runSeconds: 1 })
    await acme.eventsUntil(shared, 'METERED')
    const [row, ...others] = (await intervalsOf(cloud, acme)).filter(({ job: of }) => of === shared)
    expect(others).toEqual([])
    const seconds = (Date.parse(row?.end ?? '') - Date.parse(row?.start ?? '')) / 1_000
    expect(row).toMatchObject({ share: '0.25', model: 'H100' })
    expect(Number(row?.gpu_seconds)).toBe(seconds / 4)
  })
})

function devicesOf(pods: ObjectRecord<Pod>[]): string[] {
  return pods.flatMap((pod) => {
    const devices = JSON.parse(last(pod).metadata.annotations?.[annotations.devices] ?? '[]') as { uuid: string }[]
    return devices.map(({ uuid }) => uuid)
  })
}
