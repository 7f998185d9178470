import { connect } from 'node:net'
import type { Attack } from '../attacks.ts'
import { faultsOf, type Reply } from '../judge.ts'
import { flipBytes } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { Target } from '../target.ts'

const BODY = '{"query":"{ viewer { kind } }"}'
const LONGEST_MS = 20_000

/** What no HTTP client would send: through a bare connection. */
export function rawAttack(target: Target, random: Random): Attack {
  const request = random.chance(0.5) ? smuggled(target, random) : flipBytes(usual(target), random)
  const bytes = Buffer.from(request)
  return {
    text: JSON.stringify(bytes.toString('latin1').slice(0, 3_000)),
    async run() {
      const replies = repliesIn(await exchange(target, bytes))
      return replies.flatMap((reply) => (reply.status < 200 ? [] : faultsOf(reply)))
    },
  }
}

function usual({ tokens }: Target): Buffer {
  return Buffer.from(post({ authorization: `Bearer ${tokens.viewer}`, 'content-length': String(BODY.length) }, BODY))
}

function post(headers: Record<string, string>, body: string): string {
  const all = { host: 'gateway', 'content-type': 'application/json', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `POST /graphql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Two readers of the same bytes could see other requests in them, or none. */
function smuggled({ tokens }: Target, random: Random): string {
  const authorization = `Bearer ${tokens.viewer}`
  const inner = `GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n`
  const length = String(BODY.length)
  return random.pick([
    () => post({ authorization, 'content-length': length, 'transfer-encoding': 'chunked' }, `0\r\n\r\n${inner}`),
    () => post({ authorization, 'transfer-encoding': 'chunked, identity' }, `0\r\n\r\n${inner}`),
    () => post({ authorization, 'transfer-encoding': 'xchunked' }, BODY),
    () =>
      post(
        { authorization, 'transfer-encoding': 'chunked' },
        `${random.pick(['ffffffffffffffff', '-1', '5;x', 'zz', '1f'])}\r\n${BODY}\r\n0\r\n\r\n`,
      ),
    () => post({ authorization, 'content-length': `${length}, ${length}1` }, BODY),
    () => post({ authorization, 'content-length': `+${length}` }, BODY),
    () => post({ authorization, 'content-length': '99999999999999999999' }, BODY),
    () => post({ authorization, 'content-length': String(BODY.length + 50) }, BODY),
    () => post({ authorization, 'content-length': '5' }, BODY + inner),
    () => post({ authorization, 'content-length ': length }, BODY),
    () => post({ authorization, 'content-length': length, expect: random.pick(['100-continue', 'miracles']) }, BODY),
    () => post({ authorization, 'content-length': length, 'x-large': 'x'.repeat(40_000) }, BODY),
    () => post({ authorization, 'content-length': length, 'x-split': 'a\r\nx-injected: b' }, BODY),
    () =>
      post(
        {
          authorization,
          'content-length': length,
          connection: 'upgrade',
          upgrade: random.pick(['h2c', 'websocket', 'TLS/1.0', '']),
        },
        BODY,
      ),
    () => post({ authorization, 'content-length': length, 'x-request-id': 'a\tb' }, BODY),
    () => inner.repeat(1 + random.below(20)),
    () => inner.replace('host: gateway\r\n', ''),
    () => inner.replace('host: gateway', 'host: a\r\nhost: b'),
    () => inner.replaceAll('\r\n', '\n'),
    () => inner.replace('HTTP/1.1', random.pick(['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'ICY/1.1', ''])),
    () =>
      inner.replace(
        '/healthz',
        random.pick([
          '*',
          'http://other/graphql',
          '//',
          '/\\..\\..',
          '/%',
          '/a b',
          '/\0',
          'graphql',
          `/${'x'.repeat(20_000)}`,
        ]),
      ),
    () => inner.replace('GET', random.pick(['CONNECT', 'TRACE', 'get', 'G ET', 'PRI', 'M-SEARCH'])),
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    () => 'GET',
    () => '\r\n'.repeat(random.below(2_000)),
    () => '',
  ])()
}

/** Sends all of it, says that this was all, and reads until the other side is done as well. */
function exchange({ host, port }: Target, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, host, () => socket.end(bytes))
    socket.setTimeout(LONGEST_MS, () => socket.destroy(new Error('the gateway holds a connection that was ended')))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}

/** Answers one after the other, each as long as its content-length says. */
function repliesIn(text: string): Reply[] {
  const replies: Reply[] = []
  for (let rest = text; rest.startsWith('HTTP/1.1 '); ) {
    const end = rest.indexOf('\r\n\r\n')
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n')
    const headers = Object.fromEntries(
      fields.map((field) => [
        field.slice(0, field.indexOf(':')).toLowerCase(),
        field.slice(field.indexOf(':') + 1).trim(),
      ]),
    )
    const status = Number(line.split(' ')[1])
    const length = Number(headers['content-length'] ?? 0)
    const body = Buffer.from(rest.slice(end + 4))
      .subarray(0, length)
      .toString()
    rest = Buffer.from(rest.slice(end + 4))
      .subarray(length)
      .toString()
    if (headers['transfer-encoding'] === undefined) replies.push({ status, headers, body })
  }
  return replies
}
