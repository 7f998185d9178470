import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DEFAULT_LIMITS } from '../limits.ts'
import { startTestGateway, type TestGateway } from '../testkit/gateway.ts'

const EVENTS = 'subscription { jobEvents { cursor job { id } } }'
/** More than a connection's own buffers hold, on either side of it. */
const MANY = 10_000

describe('a client that is too slow', () => {
  test('with the head of its request is told so, and let go', async () => {
    const cloud = await startTestGateway({ limits: { headWithinMs: 100 } })
    const socket = open(cloud)
    socket.write('POST /graphql HTTP/1.1\r\nHost: gateway\r\nX-Slow: ')
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 .*"code":"REQUEST_TIMEOUT"/s)
  })

  test('with the body of its request, too', async () => {
    const cloud = await startTestGateway({ limits: { headWithinMs: 100, requestWithinMs: 200 } })
    const socket = open(cloud)
    const headers = `Host: gateway\r\nAuthorization: Bearer ${await cloud.token()}\r\nContent-Type: application/json`
    socket.write(`POST /graphql HTTP/1.1\r\n${headers}\r\nContent-Length: 100\r\n\r\n{"query"`)
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /)
  })

  test('to take its events does not make this side pile them up', async () => {
    const cloud = await startTestGateway()
    const { socket } = await followWithoutReading(cloud)
    await settled(() => cloud.events.taken)
    expect(cloud.events.taken).toBeGreaterThan(0)
    expect(cloud.events.taken).toBeLessThan(MANY)
    socket.destroy()
    await expect.poll(() => cloud.events.listeners).toBe(0)
  })

  test('and takes nothing at all is cut off, and what was held for it let go', async () => {
    const cloud = await startTestGateway({ limits: { stalledForMs: 300 } })
    const { socket } = await followWithoutReading(cloud)
    await expect.poll(() => cloud.events.listeners, { timeout: 10_000 }).toBe(0)
    socket.resume()
    await once(socket, 'close')
  })

  test('to take a result in time is told so when it comes back', async () => {
    const cloud = await startTestGateway()
    const { socket } = await followWithoutReading(cloud)
    await settled(() => cloud.events.taken)
    cloud.wall.ms += DEFAULT_LIMITS.resultTakenWithinMs + 1
    await expect.poll(() => cloud.events.listeners).toBe(0)
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received = (received + chunk).slice(-2_000)
    })
    socket.resume()
    await expect.poll(() => received, { timeout: 10_000 }).toContain('"code":"TOO_SLOW"')
  })
})

function open({ gateway }: TestGateway): Socket {
  const socket = connect(gateway.port, '127.0.0.1')
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  return socket
}

/** Subscribes, lets many events come, and reads none of them. */
async function followWithoutReading(cloud: TestGateway): Promise<{ socket: Socket }> {
  const socket = open(cloud)
  socket.pause()
  socket.write(await subscribing(cloud))
  await expect.poll(() => cloud.events.listeners).toBe(1)
  for (let event = 0; event < MANY; event += 1)
    cloud.events.push({ cursor: String(event).padStart(1_000, '0'), jobId: 'none' })
  return { socket }
}

async function subscribing(cloud: TestGateway): Promise<string> {
  const body = JSON.stringify({ query: EVENTS })
  const headers = [
    'Host: gateway',
    `Authorization: Bearer ${await cloud.token()}`,
    'Content-Type: application/json',
    'Accept: text/event-stream',
    `Content-Length: ${body.length}`,
  ]
  return `POST /graphql HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

/** Until it is the same twice: nothing more is taken. */
async function settled(look: () => number): Promise<void> {
  let before = -1
  await expect
    .poll(
      () => {
        const now = look()
        const isSame = now === before
        before = now
        return isSame
      },
      { interval: 200, timeout: 20_000 },
    )
    .toBe(true)
}
