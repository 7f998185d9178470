import { once } from 'node:events'
import { CloseCode } from 'graphql-ws'
import { describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { AGENT, startTestGateway, type TestGateway } from '../testkit/gateway.ts'

const EVENTS = 'subscription { jobEvents { cursor job { id cost } } }'

describe('GraphQL over WebSocket', () => {
  test('queries, mutations and subscriptions share one socket', async () => {
    const cloud = await startTestGateway()
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
    const events = client.iterate({ query: EVENTS })
    const first = events.next()
    await expect.poll(() => cloud.events.listeners).toBe(1)
    const [submitted] = await Array.fromAsync(
      client.iterate({ query: 'mutation { submitJob(name: "train") { job { id } } }' }),
    )
    expect(submitted?.data).toEqual({ submitJob: { job: { id: 'job_1' } } })
    cloud.events.push({ cursor: '1', jobId: 'job_1' })
    expect((await first).value?.data).toEqual({ jobEvents: { cursor: '1', job: { id: 'job_1', cost: '0.25' } } })
  })

  test('a subscription that the client completes ends at its source, while the socket stays', async () => {
    const cloud = await startTestGateway()
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
    const leaving = client.iterate({ query: EVENTS })
    const staying = client.iterate({ query: EVENTS })
    void leaving.next()
    const next = staying.next()
    await expect.poll(() => cloud.events.listeners).toBe(2)
    await leaving.return?.()
    await expect.poll(() => cloud.events.listeners).toBe(1)
    cloud.events.push({ cursor: '1', jobId: 'none' })
    expect((await next).value?.data).toEqual({ jobEvents: { cursor: '1', job: null } })
  })

  test('a socket that drops ends all its subscriptions', async () => {
    const cloud = await startTestGateway()
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
    const lost = client
      .iterate({ query: EVENTS })
      .next()
      .catch(() => {})
    await expect.poll(() => cloud.events.listeners).toBe(1)
    client.terminate()
    await lost
    await expect.poll(() => cloud.events.listeners).toBe(0)
  })

  test('each operation has a request id of its own', async () => {
    const cloud = await startTestGateway()
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
    const callers = []
    for (let times = 0; times < 2; times += 1)
      callers.push(...(await Array.fromAsync(client.iterate({ query: '{ caller }' }))))
    expect(new Set(callers.map(({ data }) => data?.caller)).size).toBe(2)
  })

  test('the token may also come with the handshake', async () => {
    const cloud = await startTestGateway()
    const socket = connect(cloud, { authorization: `Bearer ${await cloud.token()}` })
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init' }))
    const [message] = await once(socket, 'message')
    expect(JSON.parse(String(message))).toEqual({ type: 'connection_ack' })
    socket.close()
  })

  describe('is closed at once', () => {
    test('without a token: 4401', async () => {
      const cloud = await startTestGateway()
      expect(await closingOf(cloud, {})).toEqual([CloseCode.Unauthorized, 'UNAUTHENTICATED'])
    })

    test('with a token that is none: 4401', async () => {
      const cloud = await startTestGateway()
      const closing = await closingOf(cloud, { authorization: 'Bearer nonsense' })
      expect(closing).toEqual([CloseCode.Unauthorized, 'TOKEN_INVALID'])
    })

    test('with an expired token: 4401', async () => {
      const cloud = await startTestGateway()
      const authorization = `Bearer ${await cloud.token(undefined, 60)}`
      cloud.wall.ms += 60_000
      expect(await closingOf(cloud, { authorization })).toEqual([CloseCode.Unauthorized, 'TOKEN_EXPIRED'])
    })

    test('with an agent’s token: 4403', async () => {
      const cloud = await startTestGateway()
      const closing = await closingOf(cloud, { authorization: `Bearer ${await cloud.token(AGENT)}` })
      expect(closing[0]).toBe(CloseCode.Forbidden)
    })
  })

  test('no operation starts on a token that has expired since the socket opened; a running stream says so and ends', async () => {
    const cloud = await startTestGateway()
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token(undefined, 60)}` })
    const events = client.iterate({ query: EVENTS })
    const last = events.next()
    await expect.poll(() => cloud.events.listeners).toBe(1)
    cloud.wall.ms += 60_000
    expect((await last).value?.errors?.[0]?.extensions?.code).toBe('TOKEN_EXPIRED')
    expect((await events.next()).done).toBe(true)
    await expect(client.iterate({ query: '{ caller }' }).next()).rejects.toEqual([
      expect.objectContaining({ extensions: { code: 'TOKEN_EXPIRED', requestId: expect.any(String) } }),
    ])
  })

  test('stopping tells running subscriptions before it closes their socket', async () => {
    const cloud = await startTestGateway()
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
    const closed = new Promise<number>((resolve) => client.on('closed', (event) => resolve((event as CloseEvent).code)))
    const last = client.iterate({ query: EVENTS }).next()
    await expect.poll(() => cloud.events.listeners).toBe(1)
    await cloud.gateway.stop()
    expect((await last).value?.errors?.[0]?.extensions?.code).toBe('GOING_AWAY')
    expect(await closed).toBe(1001)
  })

  test('another path is not there', async () => {
    const cloud = await startTestGateway()
    const socket = new WebSocket(`${cloud.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws')
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('404')
  })
})

function connect(cloud: TestGateway, headers: Record<string, string> = {}): WebSocket {
  return new WebSocket(`${cloud.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })
}

async function closingOf(cloud: TestGateway, payload: Record<string, unknown>): Promise<[number, string]> {
  const socket = connect(cloud)
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload }))
  const [code, reason] = await once(socket, 'close')
  return [code, String(reason)]
}
