import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** A request that is answered with an error as a whole. */
export class HttpRefusal extends Error {
  readonly status: number
  /** Stable: programs branch on it. */
  readonly code: string
  /** What to do about it. */
  readonly fix: string | undefined
  readonly headers: Record<string, string>
  /** When to come again. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: number,
    code: string,
    message: string,
    { fix, headers = {}, retryAfterSeconds }: RefusalOptions = {},
  ) {
    super(message)
    this.name = 'HttpRefusal'
    this.status = status
    this.code = code
    this.fix = fix
    this.retryAfterSeconds = retryAfterSeconds
    this.headers = retryAfterSeconds === undefined ? headers : { ...headers, 'retry-after': String(retryAfterSeconds) }
  }
}

interface RefusalOptions {
  fix?: string
  headers?: Record<string, string>
  retryAfterSeconds?: number
}

/** Errors look the same on every path: as GraphQL's do. */
export function sendRefusal(response: ServerResponse, refusal: HttpRefusal, requestId: string): void {
  sendJson(response, refusal.status, bodyOf(refusal, requestId), refusal.headers)
}

/** The same on a connection that has no response to give it by, and then its end. */
export function endWithRefusal(connection: Duplex, refusal: HttpRefusal, requestId: string): void {
  const body = JSON.stringify(bodyOf(refusal, requestId))
  const headers = {
    ...refusal.headers,
    connection: 'close',
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  connection.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

function bodyOf({ message, code, fix, retryAfterSeconds: retryAfter }: HttpRefusal, requestId: string) {
  const extensions = { code, ...(fix ? { fix } : {}), ...(retryAfter === undefined ? {} : { retryAfter }), requestId }
  return { errors: [{ message, extensions }] }
}

const JSON_TYPE = 'application/json; charset=utf-8'

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...headers,
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}
