import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Claims } from '../../../platform/identity/identity.ts'
import { testDatabase } from '../../../test/testkit/database.ts'
import { idOf, jobObservation, NOW } from '../testkit/builders.ts'
import { developer, type Jobs, operator, startJobs, stranger, submit, viewer } from '../testkit/startJobs.ts'
import { storedJob } from '../testkit/storedJob.ts'

const start = async () => startJobs(await testDatabase('jobs'))

const CANCEL = /* GraphQL */ `
  mutation ($input: CancelJobInput!) {
    cancelJob(input: $input) {
      job { id phase finishedAt pending { code } failure { reason message } }
      userErrors { code field message fix }
    }
  }
`

async function cancel(jobs: Jobs, input: Record<string, unknown>, claims: Claims = developer) {
  const answer = await jobs.execute<{ cancelJob: { job: unknown; userErrors: { code: string }[] } }>(claims, CANCEL, {
    input,
  })
  return { ...answer.data?.cancelJob, errors: answer.errors }
}

const eventTypes = (jobs: Jobs) =>
  jobs.database.read({ role: 'ingest' }, async (tx) => {
    const rows = await tx.execute<{ type: string }>(sql`select type from events order by xid, id`)
    return rows.map(({ type }) => type)
  })

test('a waiting job is cancelled at once and its directive withdrawn', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  jobs.clock.ms += 60_000
  expect(await cancel(jobs, { id })).toMatchObject({
    job: {
      id,
      phase: 'CANCELLED',
      finishedAt: '2026-03-01T12:01:00.000Z',
      pending: null,
      failure: { reason: 'CANCELLED', message: 'Cancelled by dev@acme.' },
    },
    userErrors: [],
  })
  expect(await jobs.directives()).toMatchObject([{ key: id, body: null }])
  expect(await eventTypes(jobs)).toEqual(['job.SUBMITTED', 'job.CANCELLED'])
  expect(await jobs.jobFacts()).toMatchObject([{ id, final: true, boundPods: 0 }])
})

test('a job that is in the cluster is final for metering only when its object is gone', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  const seen = jobObservation(await storedJob(jobs, id), { state: 'ADMITTED', admittedAt: '2026-03-01T12:00:01Z' })
  await jobs.observe({ kind: 'job', ...seen })
  await cancel(jobs, { id })
  expect(await jobs.jobFacts()).toMatchObject([{ id, uid: seen.uid, final: false }])
  await jobs.observe({
    kind: 'jobGone',
    uid: seen.uid,
    namespace: seen.namespace,
    name: seen.name,
    at: '2026-03-01T12:00:09Z',
  })
  expect(await jobs.jobFacts()).toMatchObject([{ id, final: true, finishedAt: '2026-03-01T12:00:01.000Z' }])
  expect(await jobs.directives()).toEqual([])
})

test('an object that was applied while the job was being cancelled is known as its own, and waited for', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  await cancel(jobs, { id })
  const seen = jobObservation(await storedJob(jobs, id))
  await jobs.observe({ kind: 'job', ...seen })
  expect(await storedJob(jobs, id)).toMatchObject({ phase: 'CANCELLED', uid: seen.uid })
  expect(await jobs.jobFacts()).toMatchObject([{ id, uid: seen.uid, final: false }])
  await jobs.observe({
    kind: 'jobGone',
    uid: seen.uid,
    namespace: seen.namespace,
    name: seen.name,
    at: '2026-03-01T12:00:09Z',
  })
  expect(await jobs.jobFacts()).toMatchObject([{ id, final: true }])
  expect(await eventTypes(jobs)).toEqual(['job.SUBMITTED', 'job.CANCELLED'])
})

test('what has finished cannot be cancelled', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  await cancel(jobs, { id })
  expect(await cancel(jobs, { id })).toMatchObject({ job: null, userErrors: [{ code: 'ALREADY_FINISHED' }] })
  expect(await eventTypes(jobs)).toEqual(['job.SUBMITTED', 'job.CANCELLED'])
})

test('the same key is the first cancellation again', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  for (const _time of [1, 2]) {
    expect(await cancel(jobs, { id, idempotencyKey: 'k' })).toMatchObject({
      job: { phase: 'CANCELLED' },
      userErrors: [],
    })
  }
  expect(await eventTypes(jobs)).toEqual(['job.SUBMITTED', 'job.CANCELLED'])
})

test('two at once cancel once', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  const answers = await Promise.all([cancel(jobs, { id }), cancel(jobs, { id })])
  expect(answers.filter(({ job }) => job !== null)).toHaveLength(1)
  expect(await eventTypes(jobs)).toEqual(['job.SUBMITTED', 'job.CANCELLED'])
})

test('a dry run changes nothing', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  expect(await cancel(jobs, { id, dryRun: true })).toMatchObject({ job: { phase: 'PENDING' }, userErrors: [] })
  expect(await eventTypes(jobs)).toEqual(['job.SUBMITTED'])
})

test('an unknown job, a foreign one and what is no id get the same answer', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  const want = { job: null, userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] }
  expect(await cancel(jobs, { id }, stranger)).toMatchObject(want)
  expect(await cancel(jobs, { id: idOf('job', 9) })).toMatchObject(want)
  expect(await cancel(jobs, { id: '\0' })).toMatchObject(want)
})

test('a viewer is refused, an operator is not', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  expect((await cancel(jobs, { id }, viewer)).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  expect(await cancel(jobs, { id }, operator)).toMatchObject({ job: { phase: 'CANCELLED' } })
})

test('a Job that came by kubectl is cancelled at once, and that very object is to go', async () => {
  const jobs = await start()
  const model = await storedJob(jobs, await submit(jobs))
  const seen = { kind: 'job' as const, ...jobObservation(model, { uid: 'u', name: 'by-hand', jobId: null }) }
  await jobs.observe(seen)
  const { id } = await storedJob(jobs, { uid: 'u' })
  expect(await cancel(jobs, { id })).toMatchObject({ job: { phase: 'CANCELLED' }, userErrors: [] })
  const removal = { namespace: 't-acme-research', name: 'by-hand', uid: 'u' }
  expect(await jobs.directives()).toContainEqual(
    expect.objectContaining({ kind: 'JobRemoval', key: id, body: removal }),
  )
  await jobs.observe({ kind: 'jobGone', ...removal, at: NOW })
  expect((await jobs.directives()).map(({ kind }) => kind)).not.toContain('JobRemoval')
})
