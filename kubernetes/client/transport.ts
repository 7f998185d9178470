import { setTimeout as sleep } from 'node:timers/promises'
import { type Dispatcher, Pool } from 'undici'
import { ClusterError } from '../cluster.ts'
import type { Credentials } from './credentials.ts'
import { fromConnection, fromStatus, type Status } from './errors.ts'

export interface Limits {
  /** Connections for requests; more requests than this wait for a free one. */
  requestConnections: number
  /** Watches open at once; each holds a connection of its own, on top of those for requests. */
  watches: number
  /** From the call to the last byte of the answer, the wait for a connection included. */
  requestTimeoutMs: number
  /** A watch on which nothing comes for so long, not even a bookmark (one a minute), is taken for dead. */
  watchIdleMs: number
  /** So long `close` waits for requests under way. */
  closeGraceMs: number
}
export const DEFAULT_LIMITS: Limits = {
  requestConnections: 40,
  watches: 24,
  requestTimeoutMs: 30_000,
  watchIdleMs: 150_000,
  closeGraceMs: 2_000,
}

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its query, below the server's base path. */
  path: string
  body?: unknown
  /** Of the body; default application/json. */
  contentType?: string
}

/** HTTP to one API server. Rejects with a ClusterError. */
export interface Transport {
  json<T>(request: ApiRequest): Promise<T>
  text(path: string): Promise<string>
  /** An open answer, read at the pace of its reader. */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>>
  /** Ends the streams, waits a moment for the requests under way, and breaks off the rest. */
  close(): Promise<void>
}

/** All requests of a process to one cluster go through this one pool of keep-alive connections (ADR 0003). */
export function createTransport(credentials: Credentials, limits: Limits): Transport {
  const pool = new Pool(credentials.origin, {
    connections: limits.requestConnections + limits.watches,
    // Node's HTTP/2 costs the client more than it saves (ADR 0003).
    allowH2: false,
    connect: { ...credentials.tls, timeout: limits.requestTimeoutMs },
  })
  const closing = new AbortController()
  let closed: Promise<void> | undefined
  let openStreams = 0

  async function send(
    request: ApiRequest,
    options: Partial<Dispatcher.RequestOptions>,
  ): Promise<Dispatcher.ResponseData> {
    const response = await pool.request({
      method: request.method,
      path: credentials.basePath + request.path,
      headers: {
        ...(await credentials.headers()),
        accept: 'application/json',
        ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      ...options,
    })
    if (response.statusCode < 400) return response
    if (response.statusCode === 401) credentials.forget()
    throw fromStatus(response.statusCode, await readStatus(response), header(response, 'retry-after'))
  }

  async function read<T>(
    request: ApiRequest,
    decode: (body: Dispatcher.ResponseData['body']) => Promise<T>,
  ): Promise<T> {
    try {
      const response = await send(request, { signal: AbortSignal.timeout(limits.requestTimeoutMs) })
      return await decode(response.body)
    } catch (error) {
      throw fromConnection(error)
    }
  }

  return {
    json: <T>(request: ApiRequest) => read(request, (body) => body.json() as Promise<T>),
    text: (path) => read({ method: 'GET', path }, (body) => body.text()),
    async stream(path, signal) {
      if (openStreams >= limits.watches) {
        throw new ClusterError('UNAVAILABLE', `${limits.watches} watches are open already`)
      }
      openStreams++
      const either = AbortSignal.any([signal, closing.signal])
      try {
        const response = await send(
          { method: 'GET', path },
          {
            signal: either,
            headersTimeout: limits.requestTimeoutMs,
            bodyTimeout: limits.watchIdleMs,
          },
        )
        response.body.once('close', () => openStreams--)
        return response.body
      } catch (error) {
        openStreams--
        throw fromConnection(error)
      }
    },
    close() {
      closed ??= closePool(pool, closing, limits.closeGraceMs)
      return closed
    },
  }
}

async function closePool(pool: Pool, streams: AbortController, graceMs: number): Promise<void> {
  streams.abort()
  const grace = new AbortController()
  const late = sleep(graceMs, undefined, { signal: grace.signal }).catch(() => {})
  await Promise.race([pool.close(), late])
  grace.abort()
  await pool.destroy()
}

async function readStatus(response: Dispatcher.ResponseData): Promise<Status> {
  const text = await response.body.text()
  try {
    return JSON.parse(text) as Status
  } catch {
    return { message: text.slice(0, 1_000) || `the API server answered ${response.statusCode}` }
  }
}

function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}
