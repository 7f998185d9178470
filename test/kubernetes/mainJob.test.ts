import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { annotations, labels, METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import { dataOf } from '../testkit/answers.ts'
import type { CloudTenant, JobEvent } from '../testkit/cloudTenant.ts'
import { until } from '../testkit/until.ts'
import { type RealCloud, startRealCloud } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { last, type ObjectRecord } from './records.ts'
import { costOf, exportOf } from './reports.ts'

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
    const rows = await exportOf(cloud, acme)
    expect(rows.map(({ device }) => device).sort()).toEqual(devicesOf(pods).sort())
    const counted = cloud.kubelet.account().gpuSecondsByTenant.get(acme.id)
    expect(sum(rows, 'gpu_seconds')).toBe(Number(counted))
    expect(Number(usage.gpuSeconds)).toBe(Number(counted))
    expect(cost).toMatchObject({ complete: true, currency: rows[0]?.currency })
    expect(sum(rows, 'cost')).toBeCloseTo(Number(cost.amount), 9)
    expect(rows.map((row) => row.start)).toEqual(
      rows.map(() => last(job).metadata.annotations?.[annotations.admittedAt]),
    )
  })

  describe('a Job made with kubectl in the project\u2019s namespace', () => {
    test('is adopted: it waits for its admission, runs, stands in the graph and is metered', async () => {
      const namespace = `t-${acme.slug}-${acme.projectSlug}`
      await cloud.kubectl(['apply', '-f', '-'], manifest(namespace))
      const { name, phase, queue, jobId } = await until(
        'the job is in the graph',
        async () => (await jobsOf(cloud, acme)).find((each) => each.name === 'by-hand'),
        (found) => found !== undefined,
      ).then((found) => ({ ...found, jobId: found?.id ?? '' }))
      expect({ name, phase, queue }).toMatchObject({ name: 'by-hand', queue: { name: 'default' } })
      const told = await acme.eventsUntil(jobId, 'METERED')
      expect(told.map(({ type }) => type).filter((type) => type !== 'REASON_CHANGED')).toEqual([
        'SUBMITTED',
        'ADMITTED',
        'RUNNING',
        'SUCCEEDED',
        'METERED',
      ])
      const made = cloud.jobs.all().find((each) => last(each).metadata.name === 'by-hand')
      expect(made?.versions[0]?.spec?.suspend).toBe(true)
      expect(made?.isGone, 'whoever made it keeps it').toBe(false)
      expect((await costOf(cloud, acme, jobId)).cost.complete).toBe(true)
      const rows = (await exportOf(cloud, acme)).filter(({ job: of }) => of === jobId)
      expect(rows).toHaveLength(2)
    })
  })

  test('a share of a device is metered as that share', async () => {
    const shared = await acme.submitJob({ name: 'share', resources: { gpu: { share: '0.25' } }, runSeconds: 1 })
    await acme.eventsUntil(shared, 'METERED')
    const [row, ...others] = (await exportOf(cloud, acme)).filter(({ job: of }) => of === shared)
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

/** As an engineer writes it: a queue, GPUs, and that it may run on nodes that have some. */
function manifest(namespace: string): string {
  return `
apiVersion: batch/v1
kind: Job
metadata: { name: by-hand, namespace: ${namespace}, labels: { ${labels.queue}: default } }
spec:
  template:
    spec:
      restartPolicy: Never
      tolerations: [{ key: sluice.dev/gpu, operator: Exists }]
      containers:
        - name: main
          image: busybox
          env: [{ name: SIM_RUN_SECONDS, value: "1" }]
          resources: { limits: { nvidia.com/gpu: 2 } }
`
}

const JOBS = 'query Jobs { jobs(first: 50) { edges { node { id name phase queue { name } } } } }'
interface ListedJob {
  id: string
  name: string
  phase: string
  queue: { name: string } | null
}
async function jobsOf(cloud: RealCloud, tenant: CloudTenant): Promise<ListedJob[]> {
  const { jobs } = dataOf(await cloud.ask<{ jobs: { edges: { node: ListedJob }[] } }>(tenant.token, JOBS))
  return jobs.edges.map(({ node }) => node)
}

function sum(rows: Record<string, string>[], column: string): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0)
}
