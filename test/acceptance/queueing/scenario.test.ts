import { afterAll, describe, expect, test } from 'vitest'
import { about, dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import type { JobEvent, JobState } from '../../testkit/cloudTenant.ts'
import { intervalsOf, sumOf } from '../../testkit/intervals.ts'
import { until } from '../../testkit/until.ts'

/** On the default cluster: 8 nodes × 8 H100, 8 nodes × 8 A100, 4 nodes without GPUs. */
const cloud = await startCloud(afterAll)
const acme = await cloud.tenant('acme')

/** Tests run at once, so the one that fills a pool has it for itself. */
const wholeH100 = { replicas: 8, resources: { gpu: { count: 8, models: ['H100'] } } }
const oneA100 = { resources: { gpu: { count: 1, models: ['A100'] } } }
const FINAL = ['SUCCEEDED', 'FAILED', 'CANCELLED']

const typesOf = (events: JobEvent[]) => events.map(({ type }) => type).filter((type) => type !== 'REASON_CHANGED')
const explained = ({ pending }: JobState) => pending !== null && pending.code !== 'PendingEvaluation'

describe.concurrent('gangs', () => {
  test('one larger than any cluster is refused at once, with the largest that could run', async () => {
    const answer = await acme.trySubmit({ replicas: 9, resources: { gpu: { count: 8 } } })
    expect(dataOf(answer).submitJob, about(answer)).toEqual({
      job: null,
      userErrors: [
        {
          code: 'GANG_EXCEEDS_CLUSTERS',
          field: ['replicas'],
          message: expect.stringContaining('is 8,'),
          fix: expect.stringContaining('at most 8 replicas'),
        },
      ],
    })
  })

  test('one is measured by what whole nodes hold, not by the sum of GPUs', async () => {
    const answer = await acme.trySubmit({ replicas: 9, resources: { gpu: { count: 5 } } })
    expect(dataOf(answer).submitJob.userErrors[0], about(answer)).toMatchObject({
      code: 'GANG_EXCEEDS_CLUSTERS',
      fix: expect.stringContaining('at most 8 replicas'),
    })
  })

  test('one waits as a whole, says why and what would help, and runs when its devices are free', async () => {
    const queue = await createQueue('gangs', { nominalQuota: '64' })
    const first = await acme.submitJob({ ...wholeH100, queue, runSeconds: 3 })
    await acme.eventsUntil(first, 'ADMITTED')
    // The quota would let it start; the devices are not free.
    const second = await acme.submitJob({ ...wholeH100, name: 'second', replicas: 2 })
    const third = await acme.submitJob({ ...wholeH100, name: 'third', replicas: 2 })

    const [waiting, behind] = await until(
      'the scheduler has explained both',
      () => Promise.all([acme.job(second), acme.job(third)]),
      (jobs) => jobs.every(explained),
    )
    expect(waiting).toMatchObject({
      phase: 'PENDING',
      pending: {
        code: 'InsufficientGpus',
        message: expect.stringMatching(/\S/),
        fix: expect.stringMatching(/\S/),
        since: expect.any(String),
      },
      pods: { edges: [] },
    })
    expect(behind.pending?.position).toBeGreaterThan(waiting.pending?.position ?? Number.POSITIVE_INFINITY)

    const events = await acme.eventsUntil(second, ...FINAL)
    expect(typesOf(events)).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED'])
    // Devices are free when the pods have ended; that the Job is complete is found out afterwards.
    const { pods } = await whenPodsHaveEnded(first)
    const freed = pods.edges.map(({ node }) => secondOf(node.finishedAt))
    const admitted = events.find(({ type }) => type === 'ADMITTED')
    expect(secondOf(admitted?.at ?? null)).toBeGreaterThanOrEqual(Math.max(...freed))
    expect((await acme.eventsUntil(third, ...FINAL)).at(-1)?.type).toBe('SUCCEEDED')
  })

  test('one whose pod fails is FAILED, with the reason', async () => {
    const job = await acme.submitJob({ ...oneA100, replicas: 2, env: [{ name: 'SIM_EXIT_CODE', value: '3' }] })
    const events = await acme.eventsUntil(job, 'METERED')
    expect(typesOf(events)).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'FAILED', 'METERED'])
    expect(events.find(({ type }) => type === 'FAILED')?.reason).toMatch(/\S/)
  })
})

test.concurrent('shares fill one device before they take the next, and never more than it has', async () => {
  const share = { resources: { gpu: { share: '0.4', models: ['A100'] } }, runSeconds: 3 }
  const jobs = [await acme.submitJob(share), await acme.submitJob(share), await acme.submitJob(share)]
  for (const job of jobs) await acme.eventsUntil(job, 'RUNNING')

  const pods = (await Promise.all(jobs.map(acme.job))).flatMap(({ pods }) => pods.edges.map(({ node }) => node))
  expect(pods.map(({ phase, devices }) => [phase, devices[0]?.share])).toEqual(Array(3).fill(['Running', '0.4']))
  expect(new Set(pods.map(({ devices }) => devices[0]?.uuid)).size).toBe(2)

  for (const job of jobs) {
    await acme.eventsUntil(job, 'METERED')
    const { admittedAt, finishedAt, usage } = await acme.job(job)
    expect(Number(usage?.gpuSeconds)).toBeCloseTo(0.4 * wholeSecondsBetween(admittedAt, finishedAt), 6)
  }
})

describe.concurrent('a queue with a quota of two GPUs and nothing to borrow', () => {
  const two = { nominalQuota: '2', borrowingLimit: '0' }

  test('refuses what it could never hold', async () => {
    const queue = await createQueue('refusing', two)
    const answer = await acme.trySubmit({ ...oneA100, queue, replicas: 3 })
    expect(dataOf(answer).submitJob.userErrors, about(answer)).toMatchObject([
      { code: 'EXCEEDS_QUEUE_LIMIT', message: expect.stringContaining('2') },
    ])
  })

  test('runs two at a time; a third says that it waits for quota', async () => {
    const queue = await createQueue('limiting', two)
    const submit = (name: string) => acme.submitJob({ ...oneA100, queue, name, runSeconds: 2 })
    const jobs = [await submit('one'), await submit('two'), await submit('three')] as const
    const third = await until('the third is explained', () => acme.job(jobs[2]), explained)
    expect(third.pending).toMatchObject({ code: 'WaitingForQuota', fix: expect.stringMatching(/\S/) })

    for (const job of jobs) await acme.eventsUntil(job, 'SUCCEEDED')
    const ran = await Promise.all(jobs.map(acme.job))
    const earliestEnd = Math.min(...ran.slice(0, 2).map(({ finishedAt }) => Date.parse(finishedAt ?? '')))
    expect(Date.parse(ran[2]?.admittedAt ?? '')).toBeGreaterThanOrEqual(earliestEnd)
  })

  test('an elastic job starts with the one that is left, grows to two, and is charged for each from when it had it', async () => {
    const queue = await createQueue('growing', two)
    const before = await acme.submitJob({ ...oneA100, queue, runSeconds: 6 })
    await acme.eventsUntil(before, 'RUNNING')
    const elastic = await acme.submitJob({ ...oneA100, queue, replicas: 2, minCount: 1, runSeconds: 15 })
    await acme.eventsUntil(elastic, 'RUNNING')
    const small = await until(
      'its pod is seen',
      () => sizeOf(elastic),
      ({ currentReplicas }) => currentReplicas > 0,
    )
    expect(small).toEqual({ replicas: 2, currentReplicas: 1 })
    await until(
      'it has grown',
      () => sizeOf(elastic),
      ({ currentReplicas }) => currentReplicas === 2,
    )

    await acme.eventsUntil(elastic, 'METERED')
    const { admittedAt, usage } = await acme.job(elastic)
    const freed = secondOf((await whenPodsHaveEnded(before)).pods.edges[0]?.node.finishedAt ?? null)
    const rows = (await intervalsOf(cloud, acme)).filter(({ job }) => job === elastic)
    const starts = rows.map(({ start }) => secondOf(start)).toSorted((a, b) => a - b)
    expect(starts).toEqual([secondOf(admittedAt), expect.any(Number)])
    expect(starts[1]).toBeGreaterThanOrEqual(freed)
    expect(usage?.gpuSeconds).toBe(sumOf(rows, 'gpu_seconds'))
  })

  test('a job cancelled while it waits is final at once, and never has a pod', async () => {
    const queue = await createQueue('leaving', two)
    const running = await acme.submitJob({ ...oneA100, queue, replicas: 2, runSeconds: 3 })
    const waiting = await acme.submitJob({ ...oneA100, queue })
    await until('it is explained', () => acme.job(waiting), explained)

    const answer = await acme.cancelJob(waiting)
    expect(dataOf(answer).cancelJob, about(answer)).toEqual({
      job: { id: waiting, phase: 'CANCELLED' },
      userErrors: [],
    })
    await acme.eventsUntil(running, 'SUCCEEDED')
    expect(typesOf(await acme.eventsUntil(waiting, 'METERED'))).toEqual(['SUBMITTED', 'CANCELLED', 'METERED'])
    expect(await acme.job(waiting)).toMatchObject({
      pods: { edges: [] },
      usage: { gpuSeconds: '0' },
      cost: { complete: true },
    })
  })

  test('a job cancelled while it runs makes room, is charged for what it held, and is cancelled once', async () => {
    const queue = await createQueue('cancelling', two)
    const job = await acme.submitJob({ ...oneA100, queue, replicas: 2, runSeconds: 300 })
    await acme.eventsUntil(job, 'RUNNING')
    const next = await acme.submitJob({ ...oneA100, queue, replicas: 2 })
    dataOf(await acme.cancelJob(job))

    const events = typesOf(await acme.eventsUntil(job, 'METERED'))
    expect(events).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'CANCELLED', 'METERED'])
    const { admittedAt, usage, pods } = await whenPodsHaveEnded(job)
    const held = pods.edges.map(({ node }) => wholeSecondsBetween(admittedAt, node.finishedAt))
    expect(held.length).toBe(2)
    expect(usage?.gpuSeconds).toBe(String(held.reduce((sum, seconds) => sum + seconds, 0)))
    expect((await acme.eventsUntil(next, ...FINAL)).at(-1)?.type).toBe('SUCCEEDED')

    const again = await acme.cancelJob(job)
    expect(dataOf(again).cancelJob, about(again)).toMatchObject({
      job: null,
      userErrors: [{ code: 'ALREADY_FINISHED', field: ['id'] }],
    })
  })
})

const CREATE_QUEUE = `mutation CreateQueue($input: CreateQueueInput!) {
  createQueue(input: $input) { queue { name } userErrors { code field message fix } }
}`

async function sizeOf(id: string): Promise<{ replicas: number; currentReplicas: number }> {
  const query = 'query Size($id: ID!) { job(id: $id) { replicas currentReplicas } }'
  const answer = await cloud.ask<{ job: { replicas: number; currentReplicas: number } }>(acme.token, query, { id })
  return dataOf(answer).job
}

/** A queue of acme’s own. @returns its name */
async function createQueue(name: string, quota: Record<string, string>): Promise<string> {
  const input = { name, tenantId: acme.id, quotas: [{ flavor: '*', resource: 'GPU', ...quota }] }
  const answer = await cloud.ask<{ createQueue: { queue: { name: string } | null } }>(
    await cloud.operator(),
    CREATE_QUEUE,
    { input },
  )
  expect(dataOf(answer).createQueue.queue, about(answer)).toEqual({ name })
  return name
}

/** Each subgraph hears of a pod's end by itself: jobs perhaps after metering, which announces the bill. */
function whenPodsHaveEnded(id: string): Promise<JobState> {
  return until(
    'all its pods have ended',
    () => acme.job(id),
    ({ pods }) => pods.edges.every(({ node }) => node.finishedAt !== null),
  )
}

/** As the ledger counts: both ends to whole seconds. */
function wholeSecondsBetween(from: string | null, to: string | null): number {
  return secondOf(to) - secondOf(from)
}

function secondOf(at: string | null): number {
  return Math.floor(Date.parse(at ?? '') / 1_000)
}
