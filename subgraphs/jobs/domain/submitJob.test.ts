import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { testDatabase } from '../../../test/testkit/database.ts'
import { cluster, idOf, project, queue } from '../testkit/builders.ts'
import { developer, operator, SUBMIT, startJobs, stranger, submission, submit, viewer } from '../testkit/startJobs.ts'

const start = async () => startJobs(await testDatabase('jobs'))

interface Submitted {
  submitJob: { job: { id: string } | null; userErrors: { code: string; field: string[]; fix: string }[] }
}
type Jobs = Awaited<ReturnType<typeof start>>

async function send(jobs: Jobs, input: Record<string, unknown>, claims = developer as Parameters<Jobs['execute']>[0]) {
  const answer = await jobs.execute<Submitted>(claims, SUBMIT, { input: submission(input) })
  return { ...answer, job: answer.data?.submitJob.job ?? null, refusals: answer.data?.submitJob.userErrors ?? [] }
}

async function rows(jobs: Jobs, table: string): Promise<Record<string, unknown>[]> {
  return jobs.database.read({ role: 'ingest' }, (tx) => tx.execute(sql`select * from ${sql.identifier(table)}`))
}

test('a job is stored together with its event, its directive, its fact and its audit record', async () => {
  const jobs = await start()
  const { data } = await send(jobs, {
    env: [{ name: 'TOKEN', value: 'secret' }],
    labels: [{ name: 'team', value: 'vision' }],
  })
  expect(data?.submitJob).toMatchObject({
    job: {
      name: 'train',
      phase: 'PENDING',
      submittedAt: '2026-03-01T12:00:00.000Z',
      pending: { code: 'PendingEvaluation' },
    },
    userErrors: [],
  })
  const id = data?.submitJob.job?.id ?? ''
  expect(await jobs.directives()).toMatchObject([
    {
      kind: 'Job',
      key: id,
      body: {
        jobId: id,
        namespace: 't-acme-research',
        objectName: `train-${id.slice(-12)}`,
        queue: 'default',
        replicas: 2,
        class: 'TRAINING',
        priorityClass: null,
        preemptible: true,
        env: [{ name: 'TOKEN', value: 'secret' }],
        labels: [{ name: 'team', value: 'vision' }],
        resources: { cpu: '4', memoryMiB: 4096, gpu: { count: 4, share: null, memoryMiB: null, models: [] } },
      },
    },
  ])
  expect(await jobs.jobFacts()).toMatchObject([{ id, uid: null, final: false, boundPods: 0 }])
  expect(await rows(jobs, 'events')).toMatchObject([
    { type: 'job.SUBMITTED', subject_id: id, body: { job: { phase: 'PENDING' } } },
  ])
  const [record] = await rows(jobs, 'audit_log')
  expect(record).toMatchObject({ action: 'submitJob', decision: 'allowed', object_id: id, principal: 'dev@acme' })
  expect(JSON.stringify(record)).not.toContain('secret')
})

test('the fewest replicas of an elastic job are handed on, and null is none', async () => {
  const jobs = await start()
  await submit(jobs, { minCount: 1 })
  await submit(jobs, { minCount: null })
  const bodies = (await jobs.directives()).map(({ body }) => body)
  expect(bodies[0]).toMatchObject({ replicas: 2, minCount: 1 })
  expect(bodies[1]).not.toHaveProperty('minCount')
})

test('decimals written as numbers are taken as they are', async () => {
  const jobs = await start()
  await submit(jobs, { resources: { cpu: 0.5, memoryMiB: 64, gpu: { share: 0.25 } } })
  expect((await jobs.directives())[0]?.body).toMatchObject({ resources: { cpu: '0.5', gpu: { share: '0.25' } } })
})

test('a decimal that is no text and no number is refused', async () => {
  const { errors } = await send(await start(), { resources: { cpu: { cores: 1 } } })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

test("the tenant's own queue hides the shared one of the same name", async () => {
  const jobs = await start()
  const own = queue({ id: idOf('queue', 2), tenantId: idOf('tenant', 1), objectName: 'acme.default' })
  const foreign = queue({ id: idOf('queue', 3), tenantId: idOf('tenant', 2), objectName: 'other.default' })
  jobs.sources.inventory.publish('queue', foreign.tenantId, foreign)
  jobs.sources.inventory.publish('queue', own.tenantId, own)
  await submit(jobs, { queue: 'default' }, operator)
  expect((await jobs.directives())[0]?.body).toMatchObject({ queue: 'acme.default' })
})

test("another tenant's queue does not exist", async () => {
  const jobs = await start()
  const foreign = queue({ id: idOf('queue', 3), tenantId: idOf('tenant', 2), name: 'fast', objectName: 'other.fast' })
  jobs.sources.inventory.publish('queue', foreign.tenantId, foreign)
  for (const claims of [developer, operator]) {
    const { refusals } = await send(jobs, { queue: 'fast' }, claims)
    expect(refusals).toMatchObject([{ code: 'NOT_FOUND', field: ['queue'], fix: 'Use one of: default.' }])
  }
})

test('an unknown project, a foreign one and what is no id get the same answer', async () => {
  const jobs = await start()
  const answers = await Promise.all(
    [idOf('project', 9), idOf('project', 2), 'project', '\0'].map((projectId) => send(jobs, { projectId })),
  )
  for (const { refusals } of answers) expect(refusals).toEqual(answers[0]?.refusals)
  expect(answers[0]?.refusals).toMatchObject([{ code: 'NOT_FOUND', field: ['projectId'] }])
})

test('a viewer is refused, and the attempt is on record', async () => {
  const jobs = await start()
  const { data, errors } = await send(jobs, { image: 'a\0b' }, viewer)
  expect(data).toBeNull()
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', requestId: 'request-1' })
  expect(await rows(jobs, 'audit_log')).toMatchObject([
    { action: 'submitJob', decision: 'denied', principal: 'viewer@acme' },
  ])
  expect(await rows(jobs, 'jobs')).toEqual([])
})

test('a fact that comes while the caller waits is in time', async () => {
  const jobs = await start()
  await submit(jobs) // until here everything is known
  const late = project({ id: idOf('project', 3), slug: 'late', namespace: 't-acme-late' })
  const answer = send(jobs, { projectId: late.id })
  jobs.sources.tenants.publish('project', late.tenantId, late)
  expect((await answer).refusals).toEqual([])
})

test('a fact whose owner does not answer is NOT_YET_KNOWN, for a project as for a queue', async () => {
  const jobs = await start()
  await submit(jobs)
  jobs.sources.tenants.goAway()
  jobs.sources.inventory.goAway()
  expect((await send(jobs, { projectId: idOf('project', 9) })).refusals).toMatchObject([
    { code: 'NOT_YET_KNOWN', field: ['projectId'] },
  ])
  expect((await send(jobs, { queue: 'new' })).refusals).toMatchObject([{ code: 'NOT_YET_KNOWN', field: ['queue'] }])
})

test('without a cluster that has nodes there is nowhere to go', async () => {
  const jobs = await start()
  jobs.sources.inventory.publish('cluster', null, cluster({ flavors: [] }))
  await expect.poll(async () => (await send(jobs, { dryRun: true })).refusals).toMatchObject([{ code: 'NO_CLUSTER' }])
})

test('a dry run makes every check and stores nothing', async () => {
  const jobs = await start()
  expect(await send(jobs, { dryRun: true, idempotencyKey: 'k' })).toMatchObject({ job: null, refusals: [] })
  expect((await send(jobs, { dryRun: true, replicas: 99 })).refusals).toMatchObject([{ code: 'GANG_EXCEEDS_CLUSTERS' }])
  for (const table of ['jobs', 'events', 'audit_log', 'feed_entries', 'idempotency']) {
    expect(await rows(jobs, table), table).toEqual([])
  }
})

test('the same key and input is one job, also when sent at once', async () => {
  const jobs = await start()
  const sent = await Promise.all([1, 2, 3].map(() => send(jobs, { idempotencyKey: 'once' })))
  const again = await send(jobs, { idempotencyKey: 'once' })
  expect(new Set([...sent, again].map(({ job }) => job?.id)).size).toBe(1)
  expect(await rows(jobs, 'jobs')).toHaveLength(1)
  expect(await rows(jobs, 'events')).toHaveLength(1)
})

test('the same key with another input is a conflict; another caller may use it', async () => {
  const jobs = await start()
  await send(jobs, { idempotencyKey: 'k' })
  expect((await send(jobs, { idempotencyKey: 'k', replicas: 1 })).refusals).toMatchObject([
    { code: 'IDEMPOTENCY_CONFLICT' },
  ])
  const theirs = await send(jobs, { idempotencyKey: 'k', projectId: idOf('project', 2) }, stranger)
  expect(theirs.refusals).toEqual([])
})

test('a refusal uses up no key', async () => {
  const jobs = await start()
  expect((await send(jobs, { idempotencyKey: 'k', name: '' })).job).toBeNull()
  expect((await send(jobs, { idempotencyKey: 'k', name: 'ok' })).job).not.toBeNull()
})
