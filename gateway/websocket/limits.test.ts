import { once } from 'node:events'
import { CloseCode } from 'graphql-ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import WebSocket from 'ws'
import { startTestGateway, type TestGateway } from '../testkit/gateway.ts'

const EVENTS = 'subscription { jobEvents { cursor } }'

describe('a WebSocket', () => {
  test('that does not say who it is in time is closed: 4408', async () => {
    const cloud = await startTestGateway({ limits: { socketInitWithinMs: 50 } })
    const [code] = await once(await open(cloud), 'close')
    expect(code).toBe(CloseCode.ConnectionInitialisationTimeout)
  })

  test('runs so many operations at a time, and another when one has ended', async () => {
    const cloud = await startTestGateway({ limits: { operationsPerSocket: 1 } })
    const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
    const first = client.iterate({ query: EVENTS })
    void first.next()
    await expect.poll(() => cloud.events.listeners).toBe(1)
    await expect(client.iterate({ query: '{ caller }' }).next()).rejects.toEqual([
      expect.objectContaining({ extensions: { code: 'TOO_MANY_OPERATIONS', requestId: expect.any(String) } }),
    ])
    await first.return?.()
    await expect.poll(() => cloud.events.listeners).toBe(0)
    expect(await Array.fromAsync(client.iterate({ query: '{ caller }' }))).toHaveLength(1)
  })

  test('is one of so many of its tenant; another is let in when one has gone', async () => {
    const cloud = await startTestGateway({ limits: { socketsPerTenant: 1 } })
    const first = await acknowledged(cloud)
    const [code, reason] = await once(await begun(cloud), 'close')
    expect([code, String(reason)]).toEqual([4429, 'TOO_MANY_SOCKETS'])
    first.terminate()
    await expect
      .poll(async () => {
        const socket = await begun(cloud)
        return Promise.race([once(socket, 'message').then(() => 'in'), once(socket, 'close').then(() => 'out')])
      })
      .toBe('in')
  })

  test('whose client reads nothing of what it asks for is ended', async () => {
    const cloud = await startTestGateway({ limits: { socketBufferBytes: 100_000 } })
    const socket = await acknowledged(cloud)
    socket.pause()
    const ping = JSON.stringify({ type: 'ping', payload: { fill: 'x'.repeat(500_000) } })
    const closed = once(socket, 'close')
    for (let times = 0; times < 60; times += 1) socket.send(ping, () => {})
    await expect
      .poll(() => socket.bufferedAmount === 0 || socket.readyState !== socket.OPEN, { timeout: 10_000 })
      .toBe(true)
    socket.resume()
    await closed
  })

  test('that sends what only servers send is closed: 4400', async () => {
    const cloud = await startTestGateway()
    const socket = await acknowledged(cloud)
    socket.send(JSON.stringify({ id: '1', type: 'next', payload: {} }))
    expect((await once(socket, 'close'))[0]).toBe(CloseCode.BadRequest)
    expect(cloud.logged).toEqual([])
  })

  test('that is no handshake is refused in the shape of all errors', async () => {
    const cloud = await startTestGateway()
    const { request } = await import('node:http')
    const asked = request(`${cloud.url}/graphql`, { headers: { connection: 'Upgrade', upgrade: 'websocket' } }).end()
    const [response] = await once(asked, 'response')
    let body = ''
    for await (const chunk of response) body += chunk
    expect([response.statusCode, JSON.parse(body).errors[0].extensions]).toEqual([
      400,
      { code: 'BAD_REQUEST', requestId: response.headers['x-request-id'] },
    ])
  })
})

test('a tenant may have so many subscriptions, however many there may be in all', async () => {
  const cloud = await startTestGateway({ limits: { subscriptionsPerTenant: 1 } })
  const client = cloud.webSocket({ authorization: `Bearer ${await cloud.token()}` })
  void client.iterate({ query: EVENTS }).next()
  await expect.poll(() => cloud.events.listeners).toBe(1)
  const [refused] = await Array.fromAsync(client.iterate({ query: EVENTS }))
  expect(refused?.errors?.[0]?.extensions?.code).toBe('TOO_MANY_SUBSCRIPTIONS')
  const operator = cloud.webSocket({
    authorization: `Bearer ${await cloud.token({ kind: 'operator', subject: 'olga' })}`,
  })
  void operator.iterate({ query: EVENTS }).next()
  await expect.poll(() => cloud.events.listeners).toBe(2)
})

async function open({ url }: TestGateway): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

async function begun(cloud: TestGateway): Promise<WebSocket> {
  const socket = await open(cloud)
  const payload = { authorization: `Bearer ${await cloud.token()}` }
  socket.send(JSON.stringify({ type: 'connection_init', payload }))
  return socket
}

async function acknowledged(cloud: TestGateway): Promise<WebSocket> {
  const socket = await begun(cloud)
  await once(socket, 'message')
  return socket
}
