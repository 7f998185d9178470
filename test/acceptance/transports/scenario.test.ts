import { afterAll, describe, expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from '../../../platform/events/cursor.ts'
import { type Answer, about, answerOf, bearer, codesOf, dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import type { JobEvent } from '../../testkit/cloudTenant.ts'
import type { AnswerStream, Transport } from '../../testkit/streams.ts'

const cloud = await startCloud(afterAll)
const acme = await cloud.tenant('acme')
const beginning = await acme.eventsCursor()
/** Its whole history, for every test to read again. */
const job = await acme.submitJob({ replicas: 2 })
const history = await acme.eventsUntil(job, 'METERED')

const TRANSPORTS: Transport[] = ['SSE', 'WEBSOCKET']
const JOB_EVENTS = `subscription JobEvents($jobId: ID, $projectId: ID, $after: Cursor) {
  jobEvents(jobId: $jobId, projectId: $projectId, after: $after) { cursor at type reason message job { id phase } }
}`
const POD_EVENTS = `subscription PodEvents($jobId: ID, $after: Cursor) {
  podEvents(jobId: $jobId, after: $after) { cursor type pod { id } }
}`
const QUEUE_EVENTS = `subscription QueueEvents($queueId: ID!, $after: Cursor) {
  queueEvents(queueId: $queueId, after: $after) { cursor type pending admitted usedGpus }
}`

async function take<Data>(stream: AnswerStream<Data>, count: number): Promise<Answer<Data>[]> {
  const taken: Answer<Data>[] = []
  if (count === 0) return taken
  for await (const answer of stream) {
    taken.push(answer)
    if (taken.length === count) break
  }
  return taken
}
const jobEvents = (transport: Transport, variables: Record<string, unknown>) =>
  cloud.subscribe<{ jobEvents: JobEvent }>(acme.token, JOB_EVENTS, variables, transport)
const eventsOf = (answers: Answer<{ jobEvents: JobEvent }>[]) => answers.map((answer) => dataOf(answer).jobEvents)

async function get(query: string, variables: Record<string, unknown> = {}): Promise<Response> {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) })
  return fetch(`${cloud.url}/graphql?${search}`, { headers: bearer(acme.token) })
}

describe('GET', () => {
  test('answers a query as POST does', async () => {
    const query = 'query Job($id: ID!) { job(id: $id) { id name phase } }'
    const [byGet, byPost] = [
      await answerOf(await get(query, { id: job }), query),
      await cloud.ask(acme.token, query, { id: job }),
    ]
    expect(dataOf(byGet)).toEqual(dataOf(byPost))
  })

  test('refuses a mutation, and nothing happens', async () => {
    const mutation = `mutation { createTenant(input: { slug: "sneaky", name: "Sneaky" }) { tenant { id } } }`
    const search = new URLSearchParams({ query: mutation })
    const response = await fetch(`${cloud.url}/graphql?${search}`, { headers: bearer(await cloud.operator()) })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    const answer = await cloud.ask(await cloud.operator(), 'query { tenant(slug: "sneaky") { id } }')
    expect(codesOf(answer), about(answer)).toEqual(['NOT_FOUND'])
  })

  test('refuses a subscription', async () => {
    const response = await get('subscription { jobEvents { cursor } }')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

for (const transport of TRANSPORTS) {
  describe(`events over ${transport}`, () => {
    test('after the beginning: all that happened, in its order', async () => {
      const answers = await take(jobEvents(transport, { jobId: job, after: beginning }), history.length)
      expect(eventsOf(answers)).toEqual(history)
    })

    test('resumed after each cursor: the rest, once', async () => {
      for (const [index, { cursor }] of history.slice(0, -1).entries()) {
        const answers = await take(jobEvents(transport, { jobId: job, after: cursor }), history.length - index - 1)
        expect(eventsOf(answers)).toEqual(history.slice(index + 1))
      }
    })

    test('without a cursor: from now on', async () => {
      const stream = jobEvents(transport, { projectId: acme.projectId })
      const first = stream.next()
      const next = await submitUntilSeen(first)
      await stream.return()
      expect(next).toMatchObject({ type: 'SUBMITTED', job: { phase: 'PENDING' } })
      expect(next?.job?.id).not.toBe(job)
    })

    test('after a cursor of now: what happens next, live, once', async () => {
      const stream = jobEvents(transport, { projectId: acme.projectId, after: history.at(-1)?.cursor })
      const next = await acme.submitJob({ name: 'live' })
      const types: string[] = []
      for await (const answer of stream) {
        const event = dataOf(answer).jobEvents
        if (event.job?.id === next && event.type !== 'REASON_CHANGED') types.push(event.type)
        if (types.includes('METERED')) break
      }
      expect(types).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'])
    })

    const { cursor = '' } = history[0] ?? {}
    const refused: Record<string, { cursor: string; code: string }> = {
      'no cursor at all': { cursor: 'nonsense', code: 'CURSOR_INVALID' },
      'half a cursor': { cursor: cursor.slice(0, cursor.length / 2), code: 'CURSOR_INVALID' },
      "another tenant's": { cursor: altered(cursor, { tenantId: 'tenant_of_others' }), code: 'CURSOR_INVALID' },
      "another subgraph's": { cursor: altered(cursor, { subgraph: 'inventory' }), code: 'CURSOR_INVALID' },
      'one of a history that is gone': { cursor: altered(cursor, { epoch: 'before' }), code: 'CURSOR_EXPIRED' },
    }
    for (const [name, { cursor, code }] of Object.entries(refused)) {
      test(`${name} is refused: ${code}`, async () => {
        const [answer, ...more] = await take(jobEvents(transport, { jobId: job, after: cursor }), 2)
        expect(codesOf(answer as Answer), about(answer as Answer)).toEqual([code])
        expect(answer?.errors?.[0]?.extensions.requestId).toMatch(/\S/)
        expect(more).toEqual([])
      })
    }
  })
}

test('both transports give the same pod events', async () => {
  const answers = await Promise.all(
    TRANSPORTS.map((transport) =>
      take(
        cloud.subscribe<{ podEvents: { type: string; pod: { id: string } } }>(
          acme.token,
          POD_EVENTS,
          { jobId: job, after: beginning },
          transport,
        ),
        8,
      ),
    ),
  )
  const [sse = [], webSocket = []] = answers.map((each) => each.map((answer) => dataOf(answer).podEvents))
  expect(sse).toEqual(webSocket)
  const ofOnePod = sse.filter(({ pod }) => pod.id === sse[0]?.pod.id).map(({ type }) => type)
  expect(ofOnePod).toEqual(['CREATED', 'BOUND', 'RUNNING', 'SUCCEEDED'])
})

test('queue events tell how many wait and run', async () => {
  const { queues } = dataOf(
    await cloud.ask<{ queues: { edges: { node: { id: string; eventsCursor: string } }[] } }>(
      await cloud.operator(),
      'query Queues { queues { edges { node { id eventsCursor } } } }',
    ),
  )
  const { id: queueId, eventsCursor: after } = queues.edges[0]?.node ?? {}
  await acme.submitJob({ name: 'counted', resources: { gpu: { count: 4 } }, runSeconds: 2 })
  const stream = cloud.subscribe<{ queueEvents: { admitted: number; usedGpus: string } }>(
    await cloud.operator(),
    QUEUE_EVENTS,
    { queueId, after },
    'SSE',
  )
  for await (const answer of stream) {
    const { admitted, usedGpus } = dataOf(answer).queueEvents
    if (admitted >= 1 && Number(usedGpus) >= 4) return
  }
  expect.unreachable('the stream ended by itself')
})

/** A stream without a cursor begins at a moment that nothing tells: jobs are submitted until one is seen. */
async function submitUntilSeen(
  first: Promise<IteratorResult<Answer<{ jobEvents: JobEvent }>, void>>,
): Promise<JobEvent | undefined> {
  let seen: JobEvent | undefined
  const looking = first.then(({ value }) => {
    if (value) seen = dataOf(value).jobEvents
  })
  for (let attempt = 0; seen === undefined && attempt < 50; attempt += 1) {
    await acme.submitJob({ name: 'now', resources: { gpu: null } })
  }
  await looking
  return seen
}

/** Opaque to clients; a test may look inside. */
function altered(cursor: string, change: { tenantId?: string; subgraph?: string; epoch?: string }): string {
  return encodeCursor({ ...decodeCursor(cursor, 'jobs'), ...change })
}
