import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { assert, describe, onTestFinished, test } from 'vitest'
import { connectLink } from './httpLink.ts'
import { LinkError } from './link.ts'

interface Answer {
  status: number
  body: string
}
interface Received {
  path: string
  authorization: string | undefined
  body: unknown
}

/** A gateway that gives this answer; null: none. */
async function start(answer: Answer | null) {
  const received: Received[] = []
  const arrival = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    received.push(await read(request))
    arrival.resolve()
    if (answer) response.writeHead(answer.status).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let tokens = 0
  const link = connectLink({ url: `http://127.0.0.1:${port}`, token: async () => `token-${++tokens}` })
  onTestFinished(async () => {
    await link.close()
    server.closeAllConnections()
    server.close()
  })
  return { link, received, arrival: arrival.promise, server }
}

async function read(request: IncomingMessage): Promise<Received> {
  return { path: request.url ?? '', authorization: request.headers.authorization, body: await json(request) }
}

const ok = (body: object): Answer => ({ status: 200, body: JSON.stringify(body) })
const never = AbortSignal.any([])
const batch = { clusterId: 'c', epoch: 1, number: 1, through: '2026-01-01T00:00:00.000Z', records: [] }

describe('the link over HTTP', () => {
  test('posts each call to its subgraph, with a token of its own', async () => {
    const { link, received } = await start(ok({ outcome: 'applied', quarantined: 0 }))
    assert.deepEqual(await link.observe('jobs', batch, never), { outcome: 'applied', quarantined: 0 })
    await link.directives('tenants', { clusterId: 'c', limit: 5, waitMs: 0 }, never)
    await link.hello({ name: 'n', kubernetesVersion: 'v1' }, never)
    assert.deepEqual(received, [
      { path: '/link/jobs/observations', authorization: 'Bearer token-1', body: batch },
      {
        path: '/link/tenants/directives',
        authorization: 'Bearer token-2',
        body: { clusterId: 'c', limit: 5, waitMs: 0 },
      },
      { path: '/link/hello', authorization: 'Bearer token-3', body: { name: 'n', kubernetesVersion: 'v1' } },
    ])
  })

  const refusals: Record<string, { answer: Answer; want: { status: number; code: string | null } }> = {
    'a refusal with a code': {
      answer: {
        status: 409,
        body: JSON.stringify({ errors: [{ message: 'x', extensions: { code: 'HELLO_FIRST' } }] }),
      },
      want: { status: 409, code: 'HELLO_FIRST' },
    },
    'a refusal without one': { answer: { status: 502, body: '<html>' }, want: { status: 502, code: null } },
    'an answer that is no JSON': { answer: { status: 200, body: '{"outco' }, want: { status: 200, code: null } },
    'errors of another shape': {
      answer: { status: 400, body: '{"errors":"none"}' },
      want: { status: 400, code: null },
    },
  }
  for (const [name, { answer, want }] of Object.entries(refusals)) {
    test(`rejects with a LinkError on ${name}`, async () => {
      const { link } = await start(answer)
      const error = await link.observe('jobs', batch, never).catch((refusal) => refusal)
      assert.instanceOf(error, LinkError)
      assert.deepEqual({ status: error.status, code: error.code }, want)
    })
  }

  test('tells the same refusal in the same words each time, and beside them which request it was', async () => {
    const extensions = { code: 'SERVICE_UNAVAILABLE', requestId: 'r1' }
    const body = JSON.stringify({ errors: [{ message: 'A part is away.', extensions }] })
    const { link } = await start({ status: 503, body })
    const error = await link.observe('jobs', batch, never).catch((refusal) => refusal)
    assert.equal(error.message, 'The control plane answered 503: A part is away.')
    assert.equal(error.requestId, 'r1')
  })

  test('rejects with a LinkError where nobody listens', async () => {
    const { link, server } = await start(null)
    server.close()
    const error = await link.hello({ name: 'n', kubernetesVersion: 'v1' }, never).catch((refusal) => refusal)
    assert.instanceOf(error, LinkError)
    assert.isNull(error.status)
  })

  test('breaks off a request that is being held', async () => {
    const { link, arrival } = await start(null)
    const stopping = new AbortController()
    const held = link.directives('jobs', { clusterId: 'c', limit: 5, waitMs: 20_000 }, stopping.signal)
    await arrival
    stopping.abort()
    assert.instanceOf(await held.catch((error) => error), LinkError)
  })
})
