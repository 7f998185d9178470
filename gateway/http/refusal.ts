import type { ServerResponse } from 'node:http'

/** A request that is answered with an error as a whole. */
export class HttpRefusal extends Error {
  readonly status: number
  /** Stable: programs branch on it. */
  readonly code: string
  /** What to do about it. */
  readonly fix: string | undefined
  readonly headers: Record<string, string>

  constructor(
    status: number,
    code: string,
    message: string,
    { fix, headers = {} }: { fix?: string; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = 'HttpRefusal'
    this.status = status
    this.code = code
    this.fix = fix
    this.headers = headers
  }
}

/** Errors look the same on every path: as GraphQL's do. */
export function sendRefusal(response: ServerResponse, refusal: HttpRefusal, requestId: string): void {
  const { message, code, fix } = refusal
  sendJson(
    response,
    refusal.status,
    { errors: [{ message, extensions: { code, ...(fix ? { fix } : {}), requestId } }] },
    refusal.headers,
  )
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}
