import { assert, describe, expect, test } from 'vitest'
import { type GraphAnswer, startTestGateway, type TestGateway } from '../testkit/gateway.ts'
import { UNPRICEABLE } from '../testkit/subgraphs.ts'

const EVENTS = 'subscription ($after: Cursor) { jobEvents(after: $after) { cursor job { id name cost } } }'

describe('subscriptions', () => {
  test('an event is completed with what other subgraphs know', async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('j1', { id: 'j1', name: 'train', tenantId: 'tenant_1' })
    const events = await follow(cloud)
    cloud.events.push({ cursor: '1', jobId: 'j1' })
    expect((await events.next()).data).toEqual({
      jobEvents: { cursor: '1', job: { id: 'j1', name: 'train', cost: '0.25' } },
    })
  })

  test('the error of one event does not show again in the next', async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('j1', { id: 'j1', name: 'train', tenantId: 'tenant_1' })
    cloud.jobs.set('j2', { id: 'j2', name: UNPRICEABLE, tenantId: 'tenant_1' })
    const events = await follow(cloud)
    cloud.events.push({ cursor: '1', jobId: 'j2' })
    cloud.events.push({ cursor: '2', jobId: 'j1' })
    const failed = await events.next()
    expect(failed.data).toEqual({ jobEvents: { cursor: '1', job: { id: 'j2', name: UNPRICEABLE, cost: null } } })
    expect(failed.errors).toEqual([
      {
        message: expect.any(String),
        path: ['jobEvents', 'job'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
      },
    ])
    const next = await events.next()
    expect(next.errors).toBeUndefined()
    expect(next.data).toEqual({ jobEvents: { cursor: '2', job: { id: 'j1', name: 'train', cost: '0.25' } } })
  })

  test('what two streams of one caller need for one event is fetched once', async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('j1', { id: 'j1', name: 'train', tenantId: 'tenant_1' })
    const [first, second] = [await follow(cloud), await follow(cloud)]
    cloud.events.push({ cursor: '1', jobId: 'j1' })
    const cost = { jobEvents: { job: { cost: '0.25' } } }
    expect(await Promise.all([first.next(), second.next()])).toMatchObject([{ data: cost }, { data: cost }])
    expect(cloud.meteringFetches()).toBe(1)
  })

  test("another tenant's job is null with NOT_FOUND, and the stream goes on", async () => {
    const cloud = await startTestGateway()
    cloud.jobs.set('j1', { id: 'j1', name: 'theirs', tenantId: 'tenant_2' })
    cloud.jobs.set('j2', { id: 'j2', name: 'mine', tenantId: 'tenant_1' })
    const events = await follow(cloud)
    cloud.events.push({ cursor: '1', jobId: 'j1' })
    cloud.events.push({ cursor: '2', jobId: 'j2' })
    const foreign = await events.next()
    expect(foreign.data).toEqual({ jobEvents: { cursor: '1', job: null } })
    expect(foreign.errors?.[0]).toMatchObject({ path: ['jobEvents', 'job'], extensions: { code: 'NOT_FOUND' } })
    expect((await events.next()).data).toMatchObject({ jobEvents: { job: { name: 'mine' } } })
  })

  test('a refusal to subscribe is the only result', async () => {
    const cloud = await startTestGateway()
    const results = await cloud.sse(EVENTS, { token: await cloud.token(), variables: { after: 'long-gone' } })
    const all = await Array.fromAsync(results)
    expect(all.map(({ errors }) => errors?.map(({ extensions }) => extensions.code))).toEqual([['CURSOR_EXPIRED']])
  })

  test('a source that fails ends the stream with an error, without a word of what happened inside', async () => {
    const cloud = await startTestGateway()
    const events = await follow(cloud)
    cloud.events.fail(new Error('connection to 10.0.0.7 lost'))
    const last = await events.next()
    expect(last.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR')
    expect(last.errors?.[0]?.message).not.toContain('10.0.0.7')
    await events.ends()
  })

  test('the source ends when the client leaves, also where no event ever comes', async () => {
    const cloud = await startTestGateway()
    const leaving = new AbortController()
    await follow(cloud, { signal: leaving.signal })
    leaving.abort()
    await expect.poll(() => cloud.events.listeners).toBe(0)
  })

  test('a stream ends with TOKEN_EXPIRED when its token does, also while it waits', async () => {
    const cloud = await startTestGateway()
    const events = await follow(cloud, { ttlSeconds: 60 })
    cloud.wall.ms += 60_000
    const last = await events.next()
    expect(last.errors?.[0]?.extensions).toMatchObject({ code: 'TOKEN_EXPIRED', requestId: expect.any(String) })
    await events.ends()
    expect(cloud.events.listeners).toBe(0)
  })

  test('stopping ends every stream with an error after which a client can resume', async () => {
    const cloud = await startTestGateway()
    const events = await follow(cloud)
    await cloud.gateway.stop()
    expect((await events.next()).errors?.[0]?.extensions.code).toBe('GOING_AWAY')
    await events.ends()
    expect(cloud.events.listeners).toBe(0)
  })

  test('no more streams than allowed are open at a time', async () => {
    const cloud = await startTestGateway({ limits: { subscriptions: 1 } })
    const leaving = new AbortController()
    await follow(cloud, { signal: leaving.signal })
    const token = await cloud.token()
    const [refused] = await Array.fromAsync(await cloud.sse(EVENTS, { token }))
    expect(refused?.errors?.[0]?.extensions.code).toBe('TOO_MANY_SUBSCRIPTIONS')
    expect(cloud.events.listeners).toBe(1)
    leaving.abort()
    await expect.poll(() => cloud.events.listeners).toBe(0)
    await follow(cloud)
  })
})

/** Subscribes, and waits until the source listens. */
async function follow(cloud: TestGateway, options: { signal?: AbortSignal; ttlSeconds?: number } = {}) {
  const { signal, ttlSeconds } = options
  const listening = cloud.events.listeners + 1
  const token = await cloud.token(undefined, ttlSeconds)
  const results = await cloud.sse(EVENTS, { token, ...(signal ? { signal } : {}) })
  await expect.poll(() => cloud.events.listeners).toBe(listening)
  return {
    async next(): Promise<GraphAnswer> {
      const result = await results.next()
      assert(!result.done)
      return result.value
    },
    async ends() {
      expect(await results.next()).toEqual({ done: true, value: undefined })
    },
  }
}
