import { bearer } from '../../../testkit/answers.ts'
import type { Attack } from '../attacks.ts'
import { faultsOf, faultsOfHead } from '../judge.ts'
import { flipBytes, hostileValue, jsonText } from '../mutate.ts'
import { badOperation } from '../operations.ts'
import type { Random } from '../random.ts'
import { anyToken, type Target } from '../target.ts'
import { send } from './send.ts'

const CONTENT_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/graphql',
  'application/json; charset=utf-16',
  'application/json;;;',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'application/graphql-response+json',
]
const ACCEPTS = [
  '*/*',
  'text/event-stream',
  'multipart/mixed',
  'text/html',
  'application/graphql-response+json; charset=utf-8',
  'image/png',
  ';;;q=9',
  'application/json;q=0',
]
const METHODS = ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND', 'POST', 'GET']

/** A bad operation in a good envelope, or any operation in a bad one. */
export function graphqlAttack(target: Target, random: Random): Attack {
  const operation = badOperation(target, random)
  const headers: Record<string, string> = {
    'content-type': random.chance(0.93) ? 'application/json' : random.pick(CONTENT_TYPES),
    accept: random.chance(0.8) ? 'application/json' : random.pick(ACCEPTS),
    ...bearer(anyToken(target, random)),
  }
  if (random.chance(0.04)) headers['content-encoding'] = random.pick(['gzip', 'br', 'deflate', 'identity', 'nonsense'])
  if (random.chance(0.05)) headers['x-request-id'] = random.pick(['a"b', 'x'.repeat(500), '../..', 'fine-1'])
  if (random.chance(0.03)) headers.origin = 'https://evil.example'
  return random.chance(0.12)
    ? byGet(target, random, headers, operation)
    : byPost(target, random, headers, random.chance(0.03) ? [operation, operation] : operation)
}

function byPost({ url }: Target, random: Random, headers: Record<string, string>, operation: unknown): Attack {
  const text = random.chance(0.03) ? jsonText(hostileValue(random), random) : jsonText(operation, random)
  const bytes = Buffer.from(text)
  const body = random.chance(0.05) ? flipBytes(bytes, random) : bytes
  const method = random.chance(0.97) ? 'POST' : random.pick(METHODS)
  return attack(`${url}/graphql`, method, headers, method === 'GET' || method === 'HEAD' ? undefined : body)
}

function byGet({ url }: Target, random: Random, headers: Record<string, string>, operation: object): Attack {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(operation)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (text !== undefined) search.append(name, text.slice(0, 6_000))
    if (random.chance(0.05)) search.append(name, 'twice')
  }
  delete headers['content-type']
  return attack(`${url}/graphql?${search}${random.pick(['', '&', '%', '%zz', '&query=', '#x'])}`, 'GET', headers)
}

export function attack(url: string, method: string, headers: Record<string, string>, body?: Buffer): Attack {
  return {
    text: `${method} ${url.slice(0, 2_000)} ${JSON.stringify(headers).slice(0, 700)} ${body?.toString().slice(0, 4_000) ?? ''}`,
    async run() {
      const reply = await send(url, { method, headers, body })
      if (reply === null) return []
      return method === 'HEAD' ? faultsOfHead(reply) : faultsOf(reply)
    },
  }
}
