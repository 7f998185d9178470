import { expect, test } from 'vitest'
import type { Claims } from '../../../platform/identity/identity.ts'
import { testDatabase } from '../../../test/testkit/database.ts'
import { idOf, jobObservation, podObservation } from '../testkit/builders.ts'
import { type Answer, developer, type Jobs, operator, startJobs, stranger, submit } from '../testkit/startJobs.ts'
import { storedJob } from '../testkit/storedJob.ts'

const start = async () => startJobs(await testDatabase('jobs'))
const at = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}Z`

interface JobEvents {
  jobEvents: { cursor: string; type: string; at: string; reason: string | null; job: JobThen | null }
}
interface JobThen {
  name: string
  phase: string
  finishedAt: string | null
  pending: { code: string } | null
}
const JOB_EVENTS = /* GraphQL */ `
  subscription ($projectId: ID, $jobId: ID, $after: Cursor) {
    jobEvents(projectId: $projectId, jobId: $jobId, after: $after) {
      cursor type at reason
      job { name phase startedAt finishedAt pending { code } }
    }
  }
`
const POD_EVENTS = /* GraphQL */ `
  subscription ($jobId: ID, $after: Cursor) {
    podEvents(jobId: $jobId, after: $after) { cursor type at pod { name phase node } }
  }
`

type Events = AsyncGenerator<Answer, void, void>

async function open(
  jobs: Jobs,
  query: string,
  variables: Record<string, unknown>,
  claims: Claims = developer,
): Promise<Events> {
  const { events, errors } = await jobs.subscribe(claims, query, variables)
  if (!events) throw new Error(`refused: ${JSON.stringify(errors)}`)
  return events
}

async function take(events: Events, count: number): Promise<JobEvents['jobEvents'][]> {
  const taken: JobEvents['jobEvents'][] = []
  while (taken.length < count) {
    const { value } = await events.next()
    if (!value?.data) throw new Error(`no event: ${JSON.stringify(value)}`)
    taken.push((value.data as unknown as JobEvents).jobEvents)
  }
  return taken
}

async function eventsCursor(jobs: Jobs, claims: Claims = developer): Promise<string> {
  const { data } = await jobs.execute<{ jobs: { eventsCursor: string } }>(claims, '{ jobs(first: 0) { eventsCursor } }')
  return data?.jobs.eventsCursor ?? ''
}

async function run(jobs: Jobs, id: string) {
  const stored = await storedJob(jobs, id)
  const seen = (overrides: Parameters<typeof jobObservation>[1]) => ({
    kind: 'job' as const,
    ...jobObservation(stored, overrides),
  })
  const running = { state: 'RUNNING', admittedAt: at(1), startedAt: at(2) } as const
  await jobs.observe(seen(running))
  await jobs.observe(seen({ ...running, state: 'SUCCEEDED', finishedAt: at(9) }))
}

test('a subscriber after eventsCursor misses nothing, and each event shows the job as of then', async () => {
  const jobs = await start()
  const cursor = await eventsCursor(jobs)
  const id = await submit(jobs)
  await run(jobs, id)
  const events = await take(await open(jobs, JOB_EVENTS, { after: cursor }), 4)
  expect(events.map(({ type, at, job }) => [type, at, job?.phase, job?.finishedAt])).toEqual([
    ['SUBMITTED', '2026-03-01T12:00:00.000Z', 'PENDING', null],
    ['ADMITTED', '2026-03-01T12:00:01.000Z', 'ADMITTED', null],
    ['RUNNING', '2026-03-01T12:00:02.000Z', 'RUNNING', null],
    ['SUCCEEDED', '2026-03-01T12:00:09.000Z', 'SUCCEEDED', '2026-03-01T12:00:09.000Z'],
  ])
  expect(events[0]?.job?.pending).toEqual({ code: 'PendingEvaluation' })
})

test('live events come without asking again', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  const events = await open(jobs, JOB_EVENTS, { jobId: id, after: await eventsCursor(jobs) })
  const next = take(events, 3)
  await run(jobs, id)
  expect((await next).map(({ type }) => type)).toEqual(['ADMITTED', 'RUNNING', 'SUCCEEDED'])
})

test('resumed after any event, the rest comes exactly once, in order, and then what is new', async () => {
  const jobs = await start()
  const cursor = await eventsCursor(jobs)
  for (const name of ['a', 'b', 'c']) await run(jobs, await submit(jobs, { name }))
  const all = await take(await open(jobs, JOB_EVENTS, { after: cursor }), 12)
  const streams = await Promise.all(all.map((event) => open(jobs, JOB_EVENTS, { after: event.cursor })))
  await submit(jobs, { name: 'new' })
  const name = ({ type, job }: JobEvents['jobEvents']) => `${job?.name} ${type}`
  for (const [index, stream] of streams.entries()) {
    const rest = all.slice(index + 1).map(name)
    expect((await take(stream, rest.length + 1)).map(name)).toEqual([...rest, 'new SUBMITTED'])
  }
})

test('a stream is of one job, of one project, or of the tenant', async () => {
  const jobs = await start()
  const [mine, theirs] = [await eventsCursor(jobs), await eventsCursor(jobs, operator)]
  const one = await submit(jobs, { name: 'one' })
  await submit(jobs, { name: 'theirs', projectId: idOf('project', 2) }, operator)
  await submit(jobs, { name: 'two' })
  const names = async (variables: Record<string, unknown>, count: number, claims: Claims = developer) =>
    (await take(await open(jobs, JOB_EVENTS, variables, claims), count)).map(({ job }) => job?.name)
  expect(await names({ after: mine }, 2)).toEqual(['one', 'two'])
  expect(await names({ after: theirs }, 3, operator)).toEqual(['one', 'theirs', 'two'])
  expect(await names({ after: theirs, projectId: idOf('project', 2) }, 1, operator)).toEqual(['theirs'])
  expect(await names({ after: mine, jobId: one }, 1)).toEqual(['one'])
})

test('unknown and foreign ids are refused before the stream begins', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  for (const [claims, variables] of [
    [stranger, { jobId: id }],
    [stranger, { projectId: idOf('project', 1) }],
    [developer, { jobId: idOf('job', 9) }],
    [developer, { projectId: '\0' }],
  ] as const) {
    const { errors } = await jobs.subscribe(claims, JOB_EVENTS, variables)
    expect(errors[0]?.extensions.code).toBe('NOT_FOUND')
  }
})

test('cursors that are malformed, of another stream or from before a restore are told apart', async () => {
  const jobs = await start()
  const [mine, everyones] = [await eventsCursor(jobs), await eventsCursor(jobs, operator)]
  const codeOf = async (after: string) => {
    const { events, errors } = await jobs.subscribe(developer, JOB_EVENTS, { after })
    const first = events ? (await events.next()).value : { errors }
    return first?.errors?.[0]?.extensions.code
  }
  expect(await codeOf('nonsense')).toBe('CURSOR_INVALID')
  expect(await codeOf(everyones)).toBe('CURSOR_INVALID')
  const parts = Buffer.from(mine, 'base64url').toString().split('/')
  parts[3] = 'another-epoch'
  expect(await codeOf(Buffer.from(parts.join('/')).toString('base64url'))).toBe('CURSOR_EXPIRED')
})

test('a stream ends when its token does', async () => {
  const jobs = await start()
  const cursor = await eventsCursor(jobs)
  await submit(jobs)
  const events = await open(jobs, JOB_EVENTS, { after: cursor })
  jobs.wall.ms += 120_000
  const { value } = await events.next()
  expect(value?.errors?.[0]?.extensions.code).toBe('TOKEN_EXPIRED')
  expect((await events.next()).done).toBe(true)
})

test('a reader that leaves while nothing happens is let go', async () => {
  const jobs = await start()
  const events = await open(jobs, JOB_EVENTS, {})
  const waiting = events.next()
  await events.return()
  expect((await waiting).done).toBe(true)
})

test('pods have events of their own, of their job where that is asked for', async () => {
  const jobs = await start()
  const cursor = await eventsCursor(jobs)
  const stored = await storedJob(jobs, await submit(jobs))
  const pod = (name: string, overrides: Parameters<typeof podObservation>[1] = {}) => ({
    kind: 'pod' as const,
    ...podObservation(stored, { uid: name, name, ...overrides }),
  })
  await jobs.observe(
    pod('bare', { jobUid: null }),
    { kind: 'job', ...jobObservation(stored) },
    pod('a'),
    pod('a', { node: 'n1', admittedAt: at(1) }),
    pod('a', { node: 'n1', admittedAt: at(1), startedAt: at(2), phase: 'Running' }),
    { kind: 'podGone', uid: 'a', name: 'a', namespace: stored.namespace, at: at(3) },
  )
  const events = await open(jobs, POD_EVENTS, { jobId: stored.id, after: cursor })
  const seen: unknown[] = []
  for (let count = 0; count < 4; count++) seen.push((await events.next()).value?.data?.podEvents)
  expect(seen).toMatchObject([
    { type: 'CREATED', pod: { name: 'a', phase: 'Pending', node: null } },
    { type: 'BOUND', at: '2026-03-01T12:00:01.000Z', pod: { node: 'n1' } },
    { type: 'RUNNING', pod: { phase: 'Running' } },
    { type: 'GONE', pod: { phase: 'Failed' } },
  ])
})
