import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ExecutionResult, parse } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { member } from '../../../test/testkit/subgraph.ts'
import { wallClock } from '../../clocks.ts'
import { createRoleTokens } from '../../identity/roleTokens.ts'
import { ACCEPTED } from '../host/paths.ts'
import type { Subgraph } from '../subgraph.ts'
import { startNotes } from '../testkit/notes.ts'
import { connectNotes } from '../testkit/remoteNotes.ts'
import { remoteSubgraph } from './remoteSubgraph.ts'

type Stream = AsyncGenerator<ExecutionResult, void, void>

const ALICE = member('tenant_1', 'developer')
const WRITTEN = parse('subscription { written { cursor } }')

async function start() {
  const notes = await startNotes()
  const remote = await connectNotes(notes)
  const request = async (document = parse('query { caller }')) => ({
    document,
    identityToken: await notes.tokens.issue(ALICE, 60),
    requestId: 'request-1',
  })
  return {
    ...notes,
    ...remote,
    request,
    subscribe: async () => (await remote.remote.execute(await request(WRITTEN))) as Stream,
    /** Straight to its port. */
    send: async (path: string, init: RequestInit) => fetch(remote.host().url + path, init),
  }
}

const codeOf = (result: ExecutionResult | undefined) => result?.errors?.[0]?.extensions.code

describe('a subgraph that goes away', () => {
  test('ends its streams with a reason to resume, after what came before', async () => {
    const { subscribe, written, host } = await start()
    const stream = await subscribe()
    written.push({ cursor: 'c1', note: { id: 'note_1', text: 'milk' } })
    expect((await stream.next()).value).toMatchObject({ data: { written: { cursor: 'c1' } } })
    await host().stop()
    expect(codeOf((await stream.next()).value as ExecutionResult)).toBe('SERVICE_UNAVAILABLE')
    expect((await stream.next()).done).toBe(true)
  })

  test('is unavailable in every way it can be asked, and there again once it is back', async () => {
    const { remote, request, subscribe, host, hostAgain } = await start()
    await host().stop()
    const away = { extensions: { code: 'SERVICE_UNAVAILABLE' } }
    await expect(remote.execute(await request())).rejects.toMatchObject(away)
    await expect(remote.execute(await request(WRITTEN))).rejects.toMatchObject(away)
    await expect(remote.facts.head()).rejects.toMatchObject(away)
    await expect(remote.link.head('cluster_1')).rejects.toMatchObject(away)
    await expect(remote.download?.('export_1', 'token')).rejects.toMatchObject(away)
    await hostAgain()
    expect(await remote.execute(await request())).toMatchObject({ data: { caller: 'developer@acme request-1' } })
    await (await subscribe()).return()
  })

  test('amid a change leaves open whether it was made, and says so', async () => {
    const server = createServer((_request, response) => response.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const remote = remoteAt((server.address() as AddressInfo).port)
    onTestFinished(() => void server.close())
    const ask = (text: string) =>
      remote.execute({ document: parse(text), identityToken: 'token', requestId: 'request-1' })
    await expect(ask('mutation { writeNote(text: "eggs") { id } }')).rejects.toMatchObject({
      message: expect.stringMatching(/may have been made.* same idempotencyKey/),
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    })
    await expect(ask('query { caller }')).rejects.toMatchObject({ message: expect.stringMatching(/cannot be reached/) })
  })
})

describe('an upstream socket', () => {
  // graphql-ws connects again by itself after some of these, and would send the operation as it was.
  for (const closeCode of [1000, 1001, 1011, 1012, 4400, 4403, 4500]) {
    test(`closed with ${closeCode} ends the stream, and nothing is subscribed again`, async () => {
      const upstream = await fakeUpstream()
      const stream = await upstream.subscribe()
      const waiting = stream.next()
      upstream.socket().close(closeCode)
      expect(codeOf((await waiting).value as ExecutionResult)).toBe('SERVICE_UNAVAILABLE')
      expect((await stream.next()).done).toBe(true)
      // Another stream opens another socket, on which the first one is not.
      const other = await upstream.subscribe()
      expect(upstream.subscribed()).toBe(2)
      await other.return()
    })
  }

  test('that is cut without a word ends the stream too', async () => {
    const upstream = await fakeUpstream()
    const stream = await upstream.subscribe()
    upstream.socket().terminate()
    expect(codeOf((await stream.next()).value as ExecutionResult)).toBe('SERVICE_UNAVAILABLE')
  })

  test('is one for all streams, and each operation brings who asks', async () => {
    const upstream = await fakeUpstream()
    const streams = [await upstream.subscribe('token-a'), await upstream.subscribe('token-b')]
    expect(upstream.connections()).toBe(1)
    expect(upstream.identities()).toEqual(['token-a', 'token-b'])
    for (const stream of streams) await stream.return()
  })

  test('does not pile up for a reader who does not read: its stream ends and can be resumed', async () => {
    const upstream = await fakeUpstream()
    const stream = await upstream.subscribe()
    for (let number = 0; number < 1_500; number += 1) upstream.push({ data: { written: { cursor: `c${number}` } } })
    await expect.poll(() => upstream.completed()).toBe(1)
    const results: ExecutionResult[] = []
    for await (const result of stream) results.push(result)
    expect(results).toHaveLength(1_001)
    expect(codeOf(results.at(-1))).toBe('TOO_SLOW')
    expect(results[999]).toMatchObject({ data: { written: { cursor: 'c999' } } })
  })
})

describe('the port of a subgraph', () => {
  const json = { 'content-type': 'application/json' }
  const bearer = (token: string) => ({ ...json, authorization: `Bearer ${token}` })

  test('tells its schema to nobody', async () => {
    const { send, tokens } = await start()
    const headers = bearer(await tokens.issue(ALICE, 60))
    const body = JSON.stringify({ query: '{ __schema { types { name } } }' })
    expect(await (await send('/graphql', { method: 'POST', headers, body })).json()).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    })
  })

  test('refuses what another site could make a browser send', async () => {
    const { send } = await start()
    const { status } = await send('/graphql?query={caller}', { method: 'GET' })
    expect(status).toBe(400)
  })

  test('refuses several operations at once, and what does not fit the schema', async () => {
    const { send, tokens } = await start()
    const headers = bearer(await tokens.issue(ALICE, 60))
    for (const body of [[{ query: '{ caller }' }, { query: '{ caller }' }], { query: '{ nothing }' }, 'text'])
      expect((await send('/graphql', { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(400)
  })

  test('gives facts and link to roles alone: the identity of a user opens neither', async () => {
    const { send, tokens, roleToken } = await start()
    const codes = []
    for (const path of ['/facts/head', '/link/head']) {
      for (const token of [await tokens.issue(ALICE, 60), 'nonsense', await roleToken()])
        codes.push((await send(path, { method: 'POST', headers: bearer(token), body: '"cluster_1"' })).status)
    }
    expect(codes).toEqual([401, 401, 200, 401, 401, 200])
  })

  test('that another has is refused with what to do', async () => {
    const { hostAgain, host } = await start()
    await expect(hostAgain()).rejects.toMatchObject({
      code: 'PORT_UNAVAILABLE',
      message: expect.stringContaining(String(host().port)),
      fix: expect.stringContaining('SLUICE_PORT'),
    })
  })

  test('has nothing else', async () => {
    const { send, roleToken } = await start()
    const headers = bearer(await roleToken())
    const init = { method: 'POST', headers, body: '{}' }
    for (const path of ['/', '/link/stop', '/facts/', '/constructor']) expect((await send(path, init)).status).toBe(404)
  })
})

function remoteAt(port: number): Subgraph {
  const remote = remoteSubgraph({
    name: 'jobs',
    url: `http://127.0.0.1:${port}`,
    typeDefs: '',
    roles: createRoleTokens({ secret: new Uint8Array(32), role: 'test', wall: wallClock }),
    offers: { hello: false, download: false },
  })
  onTestFinished(() => remote.stop())
  return remote
}

/** A subgraph's socket as a test wants it: accepts every subscription, and does nothing else by itself. */
async function fakeUpstream() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' })
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const sockets: WebSocket[] = []
  const identities: unknown[] = []
  const ids: string[] = []
  let completed = 0
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('message', (text) => {
      const message = JSON.parse(String(text)) as { type: string; id: string; payload: { extensions: unknown } }
      const say = (answer: object) => socket.send(JSON.stringify(answer))
      if (message.type === 'connection_init') say({ type: 'connection_ack' })
      if (message.type === 'complete') completed += 1
      if (message.type !== 'subscribe') return
      ids.push(message.id)
      identities.push((message.payload.extensions as { identityToken: string }).identityToken)
      say({ type: 'next', id: message.id, payload: { extensions: { [ACCEPTED]: true } } })
    })
  })
  const remote = remoteAt(port)
  onTestFinished(async () => {
    for (const socket of server.clients) socket.terminate()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    subscribe: async (identityToken = 'token') =>
      (await remote.execute({ document: WRITTEN, identityToken, requestId: 'request-1' })) as Stream,
    socket: () => sockets.at(-1) as WebSocket,
    push: (payload: object) => sockets.at(-1)?.send(JSON.stringify({ type: 'next', id: ids.at(-1), payload })),
    connections: () => sockets.length,
    subscribed: () => ids.length,
    completed: () => completed,
    identities: () => identities,
  }
}
