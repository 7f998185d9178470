import type { IncomingMessage, ServerResponse } from 'node:http'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { isDatabaseAway } from '../../database/connection.ts'
import { TokenError } from '../../identity/identity.ts'
import type { Log } from '../../log.ts'
import { refuse } from '../errors.ts'

/** What a request to a subgraph's own port is refused with. */
export class HostRefusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
}

/** @throws HostRefusal 413, 400 */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limitBytes) throw new HostRefusal(413, 'BODY_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw new HostRefusal(400, 'BAD_REQUEST', 'The body is no JSON.')
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** What the other role is told of a failure; it throws the same again on its side. */
export function refusalOf(error: unknown, log: Log): { status: number; errors: GraphQLFormattedError[] } {
  if (error instanceof HostRefusal)
    return { status: error.status, errors: [refuse(error.code, error.message).toJSON()] }
  if (error instanceof TokenError) return { status: 401, errors: [refuse(error.code, error.message).toJSON()] }
  if (error instanceof GraphQLError) return { status: 422, errors: [error.toJSON()] }
  log.error({ err: error }, 'request failed')
  const verdict = isDatabaseAway(error)
    ? refuse('SERVICE_UNAVAILABLE', 'The database cannot be reached; try again in a while.')
    : refuse('INTERNAL_SERVER_ERROR', 'Something went wrong on our side.')
  return { status: verdict.extensions.code === 'SERVICE_UNAVAILABLE' ? 503 : 500, errors: [verdict.toJSON()] }
}
