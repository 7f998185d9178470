import { afterAll, describe, expect, test } from 'vitest'
import { type Answer, codesOf, dataOf } from '../../testkit/answers.ts'
import { MODE, startCloud } from '../../testkit/cloud.ts'
import type { AnswerStream } from '../../testkit/streams.ts'
import { inTime, until } from '../../testkit/until.ts'

const cloud = await startCloud(afterAll)
const acme = await cloud.tenant('acme')

const EVENTS = 'subscription Events($after: Cursor) { jobEvents(after: $after) { cursor type } }'
interface Event {
  jobEvents: { cursor: string; type: string }
}
const REMOVE = `mutation Remove($input: RemoveMemberInput!) {
  removeMember(input: $input) { removedAt userErrors { code } }
}`

const tokenOf = (subject: string) =>
  cloud.token({ kind: 'member', subject, tenantId: acme.id, tenantSlug: acme.slug, role: 'developer' })

async function remove(subject: string): Promise<void> {
  const answer = await cloud.ask<{ removeMember: { userErrors: unknown[] } }>(await acme.as('tenant-admin'), REMOVE, {
    input: { tenantId: acme.id, subject },
  })
  expect(dataOf(answer).removeMember.userErrors).toEqual([])
}

/** Of history alone, so that a stream is known to be open before anything else happens. */
async function opened(token: string, transport: 'SSE' | 'WEBSOCKET'): Promise<AnswerStream<Event>> {
  const stream = cloud.subscribe<Event>(token, EVENTS, { after: beginning }, transport)
  const first = await inTime('the stream is open', stream.next())
  expect(first.value && dataOf(first.value).jobEvents.type).toBe('SUBMITTED')
  return stream
}

async function codesAtTheEnd(stream: AnswerStream<Event>): Promise<unknown[]> {
  const last = (await inTime('the stream ends', Array.fromAsync(stream))).at(-1)
  return last === undefined ? [] : codesOf(last)
}

const beginning = await acme.eventsCursor()
await acme.eventsUntil(await acme.submitJob(), 'METERED')

describe('a member who is removed', () => {
  for (const transport of ['SSE', 'WEBSOCKET'] as const) {
    test(`is told so by a stream over ${transport}, although nothing else happens on it`, async () => {
      const subject = `ada-${transport}`
      const [stream, other] = [
        await opened(await tokenOf(subject), transport),
        await opened(await tokenOf(`bob-${transport}`), transport),
      ]
      await remove(subject)
      expect(await codesAtTheEnd(stream)).toEqual(['MEMBER_REMOVED'])
      // The other goes on.
      await acme.eventsUntil(await acme.submitJob(), 'METERED')
      for await (const answer of other) if (dataOf(answer).jobEvents.type === 'METERED') break
    })
  }

  test('may not ask, subscribe or submit any more, with any token of before', async () => {
    const tokens = [await tokenOf('eve'), await tokenOf('eve')]
    await remove('eve')
    for (const token of tokens) {
      const asked = await until(
        'the removal has reached every subgraph',
        () =>
          cloud.ask(
            token,
            'query { viewer { subject } jobs { edges { node { id } } } queues { edges { node { id } } } }',
          ),
        (answer) => codesOf(answer).length === 3,
      )
      expect(new Set(codesOf(asked))).toEqual(new Set(['MEMBER_REMOVED']))
      const { value } = await cloud.subscribe<Event>(token, EVENTS).next()
      expect(value && codesOf(value)).toEqual(['MEMBER_REMOVED'])
    }
  })

  test('comes back with a token of a later second', async () => {
    await remove('zoe')
    const viewer = await until(
      'a token is from after the removal',
      async () => cloud.ask(await tokenOf('zoe'), 'query { viewer { subject } }'),
      (answer) => answer.errors === undefined,
    )
    expect(viewer.data).toEqual({ viewer: { subject: 'zoe' } })
  })
})

describe('roles that go away', () => {
  const only = test.skipIf(MODE !== 'apart') // one program has no parts that could go alone

  only(
    'a subgraph that is killed ends its streams so that they can be resumed, with nothing lost or doubled',
    async () => {
      const token = acme.token
      const cursor = await acme.eventsCursor()
      const stream = cloud.subscribe<Event>(token, EVENTS, { after: cursor })
      await acme.submitJob()
      const seen: Event['jobEvents'][] = []
      const first = await inTime('an event comes', stream.next())
      if (first.value) seen.push(dataOf(first.value).jobEvents)
      await cloud.roles.kill('jobs')
      let ending: Answer<Event> | undefined
      for await (const answer of stream) {
        if (answer.errors) ending = answer
        else seen.push(dataOf(answer).jobEvents)
      }
      expect(ending && codesOf(ending)).toEqual(['SERVICE_UNAVAILABLE'])

      // Its fields are null, the others' are there, and the gateway is not started again.
      const partial = await cloud.ask<{ viewer: unknown; job: unknown }>(
        token,
        'query { viewer { subject } job(id: "job_01h00000000000000000000000") { id } }',
      )
      expect(partial.data).toMatchObject({ viewer: { subject: 'developer@acme' }, job: null })
      expect(codesOf(partial)).toEqual(['SERVICE_UNAVAILABLE'])

      await cloud.roles.start('jobs')
      const resumed = await until(
        'the gateway reaches it again',
        async () => {
          const again = cloud.subscribe<Event>(token, EVENTS, { after: seen.at(-1)?.cursor })
          const { value } = await again.next()
          return { again, value }
        },
        ({ value }) => value !== undefined && value.errors === undefined,
      )
      if (resumed.value) seen.push(dataOf(resumed.value).jobEvents)
      for await (const answer of resumed.again) {
        seen.push(dataOf(answer).jobEvents)
        if (seen.at(-1)?.type === 'METERED') break
      }
      expect(seen.map(({ type }) => type)).toEqual(['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'])
      expect(new Set(seen.map((event) => event.cursor)).size).toBe(seen.length)
    },
  )

  only('where nobody tells who was removed, streams of members end and can be resumed', async () => {
    const stream = await opened(acme.token, 'WEBSOCKET')
    await cloud.roles.kill('tenants')
    expect(await codesAtTheEnd(stream)).toEqual(['SERVICE_UNAVAILABLE'])
    await cloud.roles.start('tenants')
    await until(
      'streams are opened again',
      async () => cloud.subscribe<Event>(acme.token, EVENTS, { after: beginning }).next(),
      ({ value }) => value !== undefined && value.errors === undefined,
    )
  })
})
