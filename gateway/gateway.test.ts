import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTestGateway } from './testkit/gateway.ts'

describe('the gateway', () => {
  test('does not start on subgraphs that do not fit together', async () => {
    const starting = startTestGateway({
      arrange: ([jobs, ...others]) => {
        const rival = { ...jobs, name: 'inventory' } as NonNullable<typeof jobs>
        return [...(jobs ? [jobs] : []), rival, ...others]
      },
    })
    await expect(starting).rejects.toMatchObject({
      code: 'COMPOSITION_FAILED',
      conflicts: expect.arrayContaining([expect.stringContaining('Mutation.submitJob')]),
    })
  })

  test('says which port is in use, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    await expect(startTestGateway({ port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port)),
      fix: expect.any(String),
    })
  })

  test('is healthy without a token', async () => {
    const { url } = await startTestGateway()
    const response = await fetch(`${url}/healthz`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  test('answers an unknown address with a code', async () => {
    const { url } = await startTestGateway()
    const response = await fetch(`${url}/admin`)
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { errors: [{ extensions: { code: 'NOT_FOUND', requestId: response.headers.get('x-request-id') } }] },
    ])
  })

  test('answers what is no address at all', async () => {
    const { gateway } = await startTestGateway()
    const socket = connect(gateway.port, '127.0.0.1')
    socket.end('GET // HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /)
  })

  test('leaves the signals of the process to the program', async () => {
    const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
    await startTestGateway()
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(before)
  })

  test('stops once, however often it is told to, and frees its port', async () => {
    const cloud = await startTestGateway()
    await Promise.all([cloud.gateway.stop(), cloud.gateway.stop()])
    await expect(fetch(`${cloud.url}/healthz`)).rejects.toThrow()
    await startTestGateway({ port: cloud.gateway.port })
  })

  test('stops although a client holds its connection and never reads', async () => {
    const cloud = await startTestGateway({ limits: { stopGraceMs: 50 } })
    const held = await cloud.sse('subscription { jobEvents { cursor } }', { token: await cloud.token() })
    await expect.poll(() => cloud.events.listeners).toBe(1)
    await cloud.gateway.stop()
    expect(cloud.events.listeners).toBe(0)
    await held.return()
  })
})
