import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { bearer } from '../../../testkit/answers.ts'
import type { Attack } from '../attacks.ts'
import { faultsOf, faultsOfErrors, isObject, parsed } from '../judge.ts'
import { hostileValue, jsonText, mutateJson, mutateText } from '../mutate.ts'
import { badOperation } from '../operations.ts'
import type { Random } from '../random.ts'
import { anyToken, type Target } from '../target.ts'

/** Closings that tell the client what it did wrong; any other is our trouble. */
const CLOSINGS = new Set([1000, 1002, 1003, 1005, 1006, 1007, 1009, 4400, 4401, 4403, 4406, 4408, 4409, 4429])
const LONGEST_MS = 20_000
const LAST = { id: 'last', type: 'subscribe', payload: { query: '{ viewer { kind } }' } }

/** A conversation in which something is out of order; it ends with a good question. */
export function webSocketAttack(target: Target, random: Random): Attack {
  const init = { type: 'connection_init', payload: bearer(anyToken(target, random)) }
  const messages = Array.from({ length: 1 + random.below(5) }, () => badMessage(target, random))
  const begun = random.chance(0.85) ? [JSON.stringify(init), ...messages] : messages
  return {
    text: begun.join('\n').slice(0, 5_000),
    run: () =>
      converse(target, [...begun, JSON.stringify(LAST)], random.chance(0.98) ? 'graphql-transport-ws' : 'graphql-ws'),
  }
}

function badMessage(target: Target, random: Random): string {
  const id = random.pick(['1', '2', 'last', '', '__proto__', 'x'.repeat(3_000)])
  const subscribe = () => ({ id, type: 'subscribe', payload: badOperation(target, random) })
  return random.pick<() => string>([
    () => JSON.stringify(subscribe()),
    () => JSON.stringify(subscribe()),
    () => JSON.stringify(subscribe()),
    () => jsonText(mutateJson(subscribe(), random), random),
    () => JSON.stringify({ id, type: 'complete' }),
    () => JSON.stringify({ type: random.pick(['ping', 'pong']), payload: hostileValue(random) }),
    () => JSON.stringify({ type: 'connection_init', payload: hostileValue(random) }),
    () =>
      JSON.stringify({
        id,
        type: random.pick(['next', 'error', 'start', 'stop', 'connection_ack', '']),
        payload: hostileValue(random),
      }),
    () => mutateText(JSON.stringify(subscribe()), random),
    () => jsonText(hostileValue(random), random),
  ])()
}

async function converse({ url }: Target, messages: readonly string[], subprotocol: string): Promise<string[]> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, subprotocol)
  const faults: string[] = []
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(() => {
    faults.push('no end came')
    over.resolve()
  }, LONGEST_MS)
  socket.on('open', () => {
    for (const message of messages) socket.send(message)
  })
  socket.on('message', (data) => {
    const message = parsed(String(data))
    if (!isObject(message)) return void faults.push(`a message that is no JSON: ${data}`)
    faults.push(...faultsOfMessage(message))
    if (message.type === 'complete' && message.id === LAST.id) over.resolve()
    if (message.type === 'error' && message.id === LAST.id) over.resolve()
  })
  socket.on('error', () => {})
  socket.on('close', (code) => {
    if (!CLOSINGS.has(code)) faults.push(`closed with ${code}`)
    over.resolve()
  })
  await over.promise
  clearTimeout(timer)
  socket.terminate()
  return faults
}

function faultsOfMessage({ type, payload }: Record<string, unknown>): string[] {
  if (type === 'error') return faultsOfErrors(payload)
  if (type === 'next' && isObject(payload)) return faultsOfErrors(payload.errors)
  return []
}

/** A good handshake, or none, and then bytes of any kind. */
export function framesAttack({ host, port }: Target, random: Random): Attack {
  const handshake = [
    'GET /graphql HTTP/1.1',
    'host: gateway',
    'connection: Upgrade',
    'upgrade: websocket',
    `sec-websocket-key: ${random.pick([randomBytesOf(random, 16).toString('base64'), 'short', ''])}`,
    `sec-websocket-version: ${random.pick(['13', '13', '13', '8', 'x'])}`,
    `sec-websocket-protocol: ${random.pick(['graphql-transport-ws', 'graphql-transport-ws', 'graphql-ws', ',,', 'x'.repeat(200)])}`,
    ...(random.chance(0.2) ? ['sec-websocket-extensions: permessage-deflate; server_max_window_bits=99'] : []),
  ]
  const frames = Array.from({ length: 1 + random.below(4) }, () => frame(random))
  const bytes = Buffer.concat([Buffer.from(`${handshake.join('\r\n')}\r\n\r\n`), ...frames])
  return {
    text: bytes.toString('latin1').slice(0, 1_500),
    async run() {
      const socket = connect(port, host, () => socket.end(bytes))
      socket.setTimeout(LONGEST_MS, () => socket.destroy())
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('error', () => {})
      await once(socket, 'close')
      const [head = '', body = ''] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n')
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 101)
      if (status === 101) return []
      const requestId = /^x-request-id: (.*)$/im.exec(head)?.[1]?.trim()
      return faultsOf({ status, headers: { 'x-request-id': requestId }, body })
    },
  }
}

function frame(random: Random): Buffer {
  const payload = randomBytesOf(random, random.below(125))
  const head = [random.below(256), random.pick([0x80 | payload.length, payload.length, 0xfe, 0xff])]
  const masked = Buffer.concat([Buffer.from(head), randomBytesOf(random, 4), payload])
  return random.chance(0.7) ? masked : randomBytesOf(random, random.below(300))
}

function randomBytesOf(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.below(256)))
}
