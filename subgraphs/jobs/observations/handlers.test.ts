import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { JobObservation } from '../../../platform/link/protocol.ts'
import { testDatabase } from '../../../test/testkit/database.ts'
import type { NewJob } from '../domain/job.ts'
import { idOf, job, jobObservation, podObservation, queue } from '../testkit/builders.ts'
import { type Jobs, startJobs, submit } from '../testkit/startJobs.ts'
import { storedJob } from '../testkit/storedJob.ts'

const at = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}Z`
const DEVICE = { index: 0, uuid: 'GPU-0', model: 'A100', share: '1', identity: 'ASSIGNED' } as const

async function start(): Promise<Jobs> {
  return startJobs(await testDatabase('jobs'))
}

/** A job that has been submitted, and what the agent would say of it. */
async function submitted(jobs: Jobs) {
  const stored = await storedJob(jobs, await submit(jobs))
  const seen = (overrides: Partial<JobObservation> = {}) => ({
    kind: 'job' as const,
    ...jobObservation(stored, overrides),
  })
  const gone = (second: number) => ({
    kind: 'jobGone' as const,
    uid: `uid-${stored.id}`,
    namespace: stored.namespace,
    name: stored.objectName,
    at: at(second),
  })
  const pod = (name: string, overrides: Parameters<typeof podObservation>[1] = {}) => ({
    kind: 'pod' as const,
    ...podObservation(stored, { uid: name, name, ...overrides }),
  })
  return { id: stored.id, stored, seen, gone, pod }
}

const events = (jobs: Jobs) =>
  jobs.database.read({ role: 'ingest' }, async (tx) => {
    const rows = await tx.execute<{ type: string }>(sql`select type from events order by xid, id`)
    return rows.map(({ type }) => type)
  })
const pods = (jobs: Jobs) =>
  jobs.database.read({ role: 'ingest' }, (tx) => tx.execute(sql`select * from pods order by name`))

const ADMITTED = { state: 'ADMITTED', admittedAt: at(1) } as const
const RUNNING = { ...ADMITTED, state: 'RUNNING', startedAt: at(2) } as const
const SUCCEEDED = { ...RUNNING, state: 'SUCCEEDED', finishedAt: at(9) } as const

describe('the way of a job', () => {
  test('from submission to its end: phases, events, pods, directive and fact', async () => {
    const jobs = await start()
    const { id, seen, gone, pod } = await submitted(jobs)
    const bound = { node: 'n1', admittedAt: at(1), slot: 0, devices: [DEVICE] }
    await jobs.observe(seen())
    expect(await jobs.jobFacts()).toMatchObject([{ id, uid: `uid-${id}`, final: false }])
    await jobs.observe(seen(ADMITTED), pod('a', bound), pod('b', { ...bound, slot: 1 }))
    await jobs.observe(
      pod('a', { ...bound, phase: 'Running', startedAt: at(2) }),
      pod('b', { ...bound, slot: 1, phase: 'Running', startedAt: at(2) }),
      seen(RUNNING),
    )
    await jobs.observe(
      pod('a', { ...bound, phase: 'Succeeded', startedAt: at(2), finishedAt: at(9), exitCode: 0 }),
      seen(SUCCEEDED),
    )
    expect(await events(jobs)).toEqual([
      'job.SUBMITTED',
      'job.ADMITTED',
      'pod.CREATED',
      'pod.BOUND',
      'pod.CREATED',
      'pod.BOUND',
      'pod.RUNNING',
      'pod.RUNNING',
      'job.RUNNING',
      'pod.SUCCEEDED',
      'job.SUCCEEDED',
    ])
    expect(await storedJob(jobs, id)).toMatchObject({
      phase: 'SUCCEEDED',
      finishedAt: '2026-03-01T12:00:09.000Z',
      pending: null,
    })
    expect(await pods(jobs)).toMatchObject([
      { name: 'a', job_id: id, phase: 'Succeeded', exit_code: 0, slot: 0, devices: [DEVICE] },
      { name: 'b', job_id: id, phase: 'Running', slot: 1 },
    ])
    expect(await jobs.jobFacts()).toMatchObject([
      { id, final: true, boundPods: 2, finishedAt: '2026-03-01T12:00:09.000Z' },
    ])
    expect(await jobs.directives()).toMatchObject([{ key: id, body: null }])

    await jobs.observe(gone(12))
    expect(await jobs.directives()).toEqual([])
    expect((await events(jobs)).at(-1)).toBe('job.SUCCEEDED')
  })

  test('a whole life in one batch tells the same as one by one', async () => {
    const jobs = await start()
    const { seen } = await submitted(jobs)
    await jobs.observe(seen(), seen(ADMITTED), seen(RUNNING), seen(SUCCEEDED))
    expect(await events(jobs)).toEqual(['job.SUBMITTED', 'job.ADMITTED', 'job.RUNNING', 'job.SUCCEEDED'])
  })

  test('the same state again, in the same batch or a later one, tells nothing', async () => {
    const jobs = await start()
    const { seen, pod } = await submitted(jobs)
    await jobs.observe(seen(ADMITTED), seen(ADMITTED), pod('a'), pod('a'))
    await jobs.observe(seen(ADMITTED), pod('a'))
    expect(await events(jobs)).toEqual(['job.SUBMITTED', 'job.ADMITTED', 'pod.CREATED'])
  })

  test('an eviction is an event, and the job waits again', async () => {
    const jobs = await start()
    const { id, seen } = await submitted(jobs)
    await jobs.observe(seen(RUNNING))
    await jobs.observe(seen({ evicted: { at: at(5), reason: 'Reclaimed', message: 'Its GPUs were lent.' } }))
    await jobs.observe(
      seen({
        evicted: { at: at(5), reason: 'Reclaimed', message: 'Its GPUs were lent.' },
        ...ADMITTED,
        admittedAt: at(7),
      }),
    )
    expect((await events(jobs)).slice(3)).toEqual(['job.EVICTED', 'job.ADMITTED'])
    expect(await storedJob(jobs, id)).toMatchObject({
      phase: 'ADMITTED',
      admittedAt: '2026-03-01T12:00:07.000Z',
      startedAt: null,
    })
  })

  test('a failure names the pod that failed first', async () => {
    const jobs = await start()
    const { seen, pod } = await submitted(jobs)
    const failed = (finishedAt: string) => ({
      phase: 'Failed' as const,
      admittedAt: at(1),
      startedAt: at(2),
      finishedAt,
      exitCode: 3,
    })
    await jobs.observe(
      seen(RUNNING),
      seen({
        ...RUNNING,
        state: 'FAILED',
        finishedAt: at(9),
        failure: { reason: 'BackoffLimitExceeded', message: 'x' },
      }),
      pod('late', failed(at(8))),
      pod('first', failed(at(7))),
    )
    const [row] = await jobs.database.read({ role: 'ingest' }, (tx) =>
      tx.execute(sql`select body from events where type = 'job.FAILED'`),
    )
    expect(row).toMatchObject({ body: { reason: 'BackoffLimitExceeded', pod: { name: 'first', exitCode: 3 } } })
  })

  test('a pod seen bound only after the end of its job is counted then', async () => {
    const jobs = await start()
    const { id, seen, pod } = await submitted(jobs)
    await jobs.observe(seen(SUCCEEDED))
    expect(await jobs.jobFacts()).toMatchObject([{ id, final: true, boundPods: 0 }])
    await jobs.observe(pod('a', { admittedAt: at(1), phase: 'Succeeded', finishedAt: at(9) }))
    expect(await jobs.jobFacts()).toMatchObject([{ id, final: true, boundPods: 1 }])
  })

  test('a pod seen before its Job belongs to it as soon as the Job is seen', async () => {
    const jobs = await start()
    const { id, seen, pod } = await submitted(jobs)
    await jobs.observe(pod('a', { admittedAt: at(1) }))
    expect(await pods(jobs)).toMatchObject([{ job_id: null }])
    await jobs.observe(seen(ADMITTED))
    expect(await pods(jobs)).toMatchObject([{ job_id: id }])
  })
})

describe('a Job object that is deleted', () => {
  test('by a user, before its end: the job is cancelled and not created again', async () => {
    const jobs = await start()
    const { id, seen, gone } = await submitted(jobs)
    await jobs.observe(seen(RUNNING))
    await jobs.observe(gone(5))
    expect(await storedJob(jobs, id)).toMatchObject({ phase: 'CANCELLED', failure: { reason: 'DELETED' } })
    expect(await jobs.directives()).toMatchObject([{ key: id, body: null }])
    expect(await jobs.jobFacts()).toMatchObject([{ id, final: true }])
  })

  test('that nobody knows is nothing to us', async () => {
    const jobs = await start()
    const { gone } = await submitted(jobs)
    expect(await jobs.observe({ ...gone(5), uid: 'unknown' })).toEqual({ outcome: 'applied', quarantined: 0 })
    expect(await events(jobs)).toEqual(['job.SUBMITTED'])
  })
})

describe('a Job that came by kubectl', () => {
  const byHand = (overrides: Partial<JobObservation> = {}, of: NewJob = job()) => ({
    kind: 'job' as const,
    ...jobObservation(of, { uid: 'by-hand', name: 'by-hand', jobId: null, ...overrides }),
  })

  test('gets an id of its own, its events and its fact, and no directive', async () => {
    const jobs = await start()
    await submit(jobs) // so that the facts of the queue are here
    await jobs.observe(byHand())
    await jobs.observe(byHand({ ...ADMITTED }))
    const adopted = await storedJob(jobs, { uid: 'by-hand' })
    expect(adopted).toMatchObject({ name: 'by-hand', adopted: true, phase: 'ADMITTED', queueId: idOf('queue', 1) })
    expect(await events(jobs)).toEqual(['job.SUBMITTED', 'job.SUBMITTED', 'job.ADMITTED'])
    expect(await jobs.jobFacts()).toContainEqual(
      expect.objectContaining({ id: adopted.id, uid: 'by-hand', final: false }),
    )
    await jobs.observe(byHand(SUCCEEDED))
    expect((await jobs.directives()).map(({ key }) => key)).not.toContain(adopted.id)
  })

  test('shows who made it, as the cluster tells', async () => {
    const jobs = await start()
    await jobs.observe(byHand({ createdBy: 'carol' }))
    expect(await storedJob(jobs, { uid: 'by-hand' })).toMatchObject({ adopted: true, createdBy: 'carol' })
    const [told] = await jobs.database.read({ role: 'ingest' }, (tx) => tx.execute(sql`select body from events`))
    expect(told).toMatchObject({ body: { message: 'The Job was created in the cluster by carol.' } })
  })

  test('is what its owner has made of it while it waits, its queue included', async () => {
    const jobs = await start()
    await submit(jobs) // so that the facts of the queue are here
    await jobs.observe(byHand({ queue: 'unheard-of' }))
    expect(await storedJob(jobs, { uid: 'by-hand' })).toMatchObject({ queueId: null, replicas: 2 })
    const spec = { ...byHand().spec, replicas: 5, class: 'INFERENCE' as const, priorityClass: null }
    await jobs.observe(byHand({ spec }))
    const changed = await storedJob(jobs, { uid: 'by-hand' })
    expect(changed).toMatchObject({ queueId: idOf('queue', 1), replicas: 5, class: 'INFERENCE', priority: 400 })
    await jobs.observe(byHand(SUCCEEDED), byHand({ spec: { ...spec, replicas: 9 } }))
    expect(await storedJob(jobs, { uid: 'by-hand' })).toMatchObject({ phase: 'SUCCEEDED' })
  })

  test('is adopted once, however often an agent that starts anew tells of it', async () => {
    const jobs = await start()
    await jobs.observe(byHand())
    const { id } = await storedJob(jobs, { uid: 'by-hand' })
    for (let restart = 0; restart < 2; restart++) {
      jobs.restartAgent()
      await jobs.observe(byHand(RUNNING), { kind: 'resyncEnd' })
    }
    expect(await storedJob(jobs, { uid: 'by-hand' })).toMatchObject({ id, phase: 'RUNNING' })
    expect(await events(jobs)).toEqual(['job.SUBMITTED', 'job.ADMITTED', 'job.RUNNING'])
  })

  test('with the label of a job in another project is its own project’s', async () => {
    const jobs = await start()
    const { id, seen } = await submitted(jobs)
    await jobs.observe(seen({ uid: 'forged', tenantId: idOf('tenant', 2), projectId: idOf('project', 2) }))
    expect(await storedJob(jobs, id)).toMatchObject({ uid: null, phase: 'PENDING' })
    expect(await storedJob(jobs, { uid: 'forged' })).toMatchObject({ tenantId: idOf('tenant', 2), adopted: true })
  })

  test('with the label of a job that another object is already is a job of its own', async () => {
    const jobs = await start()
    const { id, seen } = await submitted(jobs)
    await jobs.observe(seen(RUNNING), seen({ uid: 'forged', ...SUCCEEDED }))
    expect(await storedJob(jobs, id)).toMatchObject({ phase: 'RUNNING' })
    expect(await storedJob(jobs, { uid: 'forged' })).toMatchObject({ phase: 'SUCCEEDED', adopted: true })
  })

  test('that was seen first cannot take the place of the object that its directive describes', async () => {
    const jobs = await start()
    const { id, seen } = await submitted(jobs)
    await jobs.observe(seen({ uid: 'forged', name: 'mine' }), seen(RUNNING))
    expect(await storedJob(jobs, id)).toMatchObject({ uid: `uid-${id}`, phase: 'RUNNING' })
  })

  test("and names another tenant's queue is shown in none", async () => {
    const jobs = await start()
    const foreign = queue({ id: idOf('queue', 3), tenantId: idOf('tenant', 2), name: 'fast', objectName: 'other.fast' })
    jobs.sources.inventory.publish('queue', foreign.tenantId, foreign)
    await submit(jobs)
    await jobs.observe(byHand({ queue: 'other.fast' }), byHand({ uid: 'none', queue: null }))
    expect(await storedJob(jobs, { uid: 'by-hand' })).toMatchObject({ queueId: null, queueName: 'other.fast' })
    expect(await storedJob(jobs, { uid: 'none' })).toMatchObject({ queueId: null, queueName: null })
  })
})

describe('a resync', () => {
  test('what it does not mention is gone; what it mentions and what was never seen stays', async () => {
    const jobs = await start()
    const [vanished, mentioned, unseen] = [await submitted(jobs), await submitted(jobs), await submitted(jobs)]
    await jobs.observe(
      vanished.seen(RUNNING),
      mentioned.seen(RUNNING),
      vanished.pod('v', { phase: 'Running' }),
      mentioned.pod('m'),
    )
    jobs.restartAgent()
    await jobs.observe(mentioned.seen(RUNNING), mentioned.pod('m'), { kind: 'resyncEnd' })
    expect(await storedJob(jobs, vanished.id)).toMatchObject({ phase: 'CANCELLED' })
    expect(await storedJob(jobs, mentioned.id)).toMatchObject({ phase: 'RUNNING' })
    expect(await storedJob(jobs, unseen.id)).toMatchObject({ phase: 'PENDING' })
    expect(await pods(jobs)).toMatchObject([
      { name: 'm', gone_at: null },
      { name: 'v', phase: 'Failed', gone_at: expect.any(String) },
    ])
  })

  test('over several batches counts as one', async () => {
    const jobs = await start()
    const [one, two] = [await submitted(jobs), await submitted(jobs)]
    await jobs.observe(one.seen(RUNNING), two.seen(RUNNING))
    jobs.restartAgent()
    await jobs.observe(one.seen(RUNNING))
    await jobs.observe(two.seen(RUNNING), { kind: 'resyncEnd' }, one.seen(SUCCEEDED))
    expect(await storedJob(jobs, one.id)).toMatchObject({ phase: 'SUCCEEDED' })
    expect(await storedJob(jobs, two.id)).toMatchObject({ phase: 'RUNNING' })
  })

  test('a finished object that vanished while nobody looked drops its directive', async () => {
    const jobs = await start()
    const { seen } = await submitted(jobs)
    await jobs.observe(seen(SUCCEEDED))
    jobs.restartAgent()
    await jobs.observe({ kind: 'resyncEnd' })
    expect(await jobs.directives()).toEqual([])
    expect((await events(jobs)).at(-1)).toBe('job.SUCCEEDED')
  })

  test('numbers of an earlier agent do not hide what a new one says', async () => {
    const jobs = await start()
    const { id, seen } = await submitted(jobs)
    await jobs.observe(seen(), seen(), seen(ADMITTED))
    jobs.restartAgent()
    await jobs.observe(seen(RUNNING), { kind: 'resyncEnd' })
    expect(await storedJob(jobs, id)).toMatchObject({ phase: 'RUNNING' })
  })
})

test('a batch that is sent twice is applied once', async () => {
  const jobs = await start()
  const { seen } = await submitted(jobs)
  const batch = {
    clusterId: idOf('cluster', 1),
    epoch: 1,
    number: 1,
    through: at(1),
    records: [{ ...seen(ADMITTED), seq: 1 }],
  }
  expect(await jobs.subgraph.link.observe(batch)).toEqual({ outcome: 'applied', quarantined: 0 })
  expect(await jobs.subgraph.link.observe(batch)).toEqual({ outcome: 'applied', quarantined: 0 })
  expect(await events(jobs)).toEqual(['job.SUBMITTED', 'job.ADMITTED'])
})

test('a batch of an agent that has been replaced changes nothing', async () => {
  const jobs = await start()
  const { id, seen } = await submitted(jobs)
  jobs.restartAgent()
  await jobs.observe(seen(ADMITTED), { kind: 'resyncEnd' })
  const late = {
    clusterId: idOf('cluster', 1),
    epoch: 1,
    number: 1,
    through: at(1),
    records: [{ ...seen(SUCCEEDED), seq: 9 }],
  }
  expect(await jobs.subgraph.link.observe(late)).toMatchObject({ outcome: 'staleEpoch' })
  expect(await storedJob(jobs, id)).toMatchObject({ phase: 'ADMITTED' })
})

test('a record that cannot be stored goes to quarantine, the rest of its batch is applied', async () => {
  const jobs = await start()
  const { id, seen, pod } = await submitted(jobs)
  const answer = await jobs.observe(pod('bad', { reason: 'a\0b' }), seen(ADMITTED))
  expect(answer).toEqual({ outcome: 'applied', quarantined: 1 })
  expect(await storedJob(jobs, id)).toMatchObject({ phase: 'ADMITTED' })
  expect(await pods(jobs)).toEqual([])
})

test('metering has the last word, once', async () => {
  const jobs = await start()
  const { id, seen } = await submitted(jobs)
  await jobs.observe(seen(SUCCEEDED))
  const metered = { id, tenantId: idOf('tenant', 1), gpuSeconds: '64', cost: '1', currency: 'EUR', at: at(20) }
  jobs.sources.metering.publish('metered', metered.tenantId, metered)
  await expect.poll(async () => (await events(jobs)).at(-1), { timeout: 5_000 }).toBe('job.METERED')
  jobs.sources.metering.publish('metered', metered.tenantId, { ...metered, at: at(21) })
  await expect
    .poll(() =>
      jobs.database.read({ role: 'ingest' }, (tx) =>
        tx.execute(sql`select body ->> 'at' as at from known_facts where kind = 'metered'`),
      ),
    )
    .toEqual([{ at: at(21) }])
  expect((await events(jobs)).filter((type) => type === 'job.METERED')).toHaveLength(1)
})
