import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { type Dispatcher, Pool } from 'undici'
import type { RoleTokens } from '../../identity/roleTokens.ts'
import type { SubgraphName } from '../../link/protocol.ts'
import { away, outcomeUnknown } from './away.ts'

/** Another subgraph's process, by HTTP over connections that are kept. */
export interface Peer {
  readonly name: SubgraphName
  readonly url: string
  /** Speaks as this role. @throws GraphQLError the other side's own, or SERVICE_UNAVAILABLE */
  call<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T>
  /** For what speaks as a user; the answer is the caller's to read. @throws GraphQLError SERVICE_UNAVAILABLE */
  send(request: PeerRequest): Promise<Dispatcher.ResponseData>
  close(): Promise<void>
}

interface PeerRequest {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body?: string
  /** A change that may have been made although no answer came. */
  isMutation?: boolean
  signal?: AbortSignal
}

interface PeerOptions {
  name: SubgraphName
  /** Such as http://127.0.0.1:4003. */
  url: string
  roles: RoleTokens
}

/** More at once wait: the subgraph's database connections are fewer still. */
const CONNECTIONS = 64
/** Longer than anything is held open on purpose. */
const ANSWER_TIMEOUT_MS = 90_000
const CONNECT_TIMEOUT_MS = 2_000

export function connectPeer({ name, url, roles }: PeerOptions): Peer {
  const pool = new Pool(new URL(url).origin, {
    connections: CONNECTIONS,
    keepAliveTimeout: 30_000,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  })

  async function send({ isMutation = false, ...request }: PeerRequest): Promise<Dispatcher.ResponseData> {
    try {
      return await pool.request(request)
    } catch (error) {
      throw isMutation && !wasNeverSent(error) ? outcomeUnknown(name, error) : away(name, error)
    }
  }

  return {
    name,
    url,
    send,
    async call<T>(path: string, body: unknown, signal?: AbortSignal) {
      const { statusCode, body: answer } = await send({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await roles.own()}` },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      })
      const result = await readJson(name, answer)
      if (statusCode === 200) return result as T
      throw errorsOf(result)[0] ?? away(name, new Error(`it answered ${statusCode}`))
    },
    close: () => pool.destroy(),
  }
}

/** @throws GraphQLError SERVICE_UNAVAILABLE where the connection breaks, or something else than a subgraph answers */
export async function readJson(name: SubgraphName, body: Dispatcher.ResponseData['body']): Promise<unknown> {
  try {
    return await body.json()
  } catch (error) {
    throw away(name, error)
  }
}

export function errorsOf(answer: unknown): GraphQLError[] {
  const { errors = [] } = (answer ?? {}) as { errors?: GraphQLFormattedError[] }
  return errors.map(
    ({ message, path, extensions }) => new GraphQLError(message, { path: path ?? null, extensions: extensions ?? {} }),
  )
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NEVER_SENT.has(String(error.code))
}
