import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GraphQLError } from 'graphql'
import { isDatabaseAway } from '../../platform/database/connection.ts'
import type { Log } from '../../platform/log.ts'
import { measureRequest } from '../../platform/telemetry/requestMetrics.ts'
import { AuthenticationError } from '../identity/callers.ts'
import type { GatewayLimits } from '../limits.ts'
import { RateLimited } from '../rates/rates.ts'
import { refuseClientErrors } from './clientErrors.ts'
import { HttpRefusal, sendRefusal } from './refusal.ts'
import { endStalled } from './stalled.ts'

/** A request, and what every route needs of it. */
export interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  url: URL
  requestId: string
  /** Aborts when the client has gone without waiting for the whole answer, or the gateway is stopping. */
  signal: AbortSignal
}
export type Route = (exchange: Exchange) => void | Promise<void>

/** Ended by the gateway's stop. */
export interface HttpServer {
  readonly server: Server
  /** Port that it listens on. */
  readonly port: number
  /** Takes no more connections, ends what waits, and after `graceMs` also what does not end. */
  stop(graceMs: number): Promise<void>
}

interface HttpOptions {
  host: string
  /** 0: any free one. */
  port: number
  /** By path, or by its first segment with a slash at the end. */
  routes: Record<string, Route>
  limits: Pick<GatewayLimits, 'connections' | 'headWithinMs' | 'requestWithinMs' | 'stalledForMs'>
  log: Log
}

/** Idle connections outlive those of usual clients' pools, so that a client never sends into one that is just closing. */
const KEEP_ALIVE_MS = 75_000

/** @throws ListenError */
export async function listen({ host, port, routes, limits, log }: HttpOptions): Promise<HttpServer> {
  const open = new Set<AbortController>()
  let stopping = false
  const serverOptions = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: limits.headWithinMs,
    requestTimeout: limits.requestWithinMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headWithinMs),
    requireHostHeader: false, // refused below, in the shape of all errors
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  }
  const server = createServer(serverOptions, (request, response) => {
    void answer(request, response)
  })
  server.maxConnections = limits.connections
  refuseClientErrors(server)
  const stalled = endStalled(server, limits.stalledForMs)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdOf(request)
    response.setHeader('x-request-id', requestId)
    let path = ''
    measureRequest(request, response, () => path)
    const ending = new AbortController()
    open.add(ending)
    response.once('close', () => {
      open.delete(ending)
      if (!response.writableFinished) ending.abort()
      // Node closes connections that are idle when it is told to, not those that become so afterwards.
      if (stopping) setImmediate(() => server.closeIdleConnections())
    })
    try {
      if (request.headers.host === undefined && request.httpVersion !== '1.0')
        throw new HttpRefusal(400, 'BAD_REQUEST', 'The request names no host.')
      const url = URL.parse(request.url ?? '/', 'http://gateway')
      if (!url) throw new HttpRefusal(400, 'BAD_REQUEST', 'This is no address.')
      path = url.pathname in routes ? url.pathname : `/${url.pathname.split('/')[1]}/`
      const route = routes[path]
      if (!route) throw new HttpRefusal(404, 'NOT_FOUND', 'There is nothing at this address.')
      await route({ request, response, url, requestId, signal: ending.signal })
    } catch (error) {
      if (response.headersSent || response.destroyed || isCutOff(request, error)) response.destroy()
      else sendRefusal(response, asRefusal(error, requestId, log), requestId)
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(asListenError(error, host, port)))
    server.listen(port, host, resolve)
  })

  return {
    server,
    port: (server.address() as AddressInfo).port,
    async stop(graceMs) {
      stalled.stop()
      const closed = new Promise((resolve) => server.close(resolve))
      stopping = true
      for (const ending of open) ending.abort()
      const deadline = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(deadline)
    },
  }
}

/** The address cannot be listened on, for a reason that the person who starts the gateway can mend. */
export class ListenError extends Error {
  readonly code: string
  readonly fix: string

  constructor(code: string, message: string, fix: string) {
    super(message)
    this.name = 'ListenError'
    this.code = code
    this.fix = fix
  }
}

function asListenError(error: Error, host: string, port: number): Error {
  switch ('code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return new ListenError(
        'PORT_IN_USE',
        `Something else listens on ${host}:${port} already.`,
        'Stop it, or choose another port.',
      )
    case 'EACCES':
      return new ListenError(
        'PORT_FORBIDDEN',
        `Port ${port} needs rights that this user does not have.`,
        'Choose a port from 1024.',
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(
        'HOST_UNKNOWN',
        `${host} is no address of this machine.`,
        'Choose 127.0.0.1, 0.0.0.0 or an address of this machine.',
      )
    default:
      return error
  }
}

/** The client left in the middle of its own request: nobody is there to be answered, and nothing went wrong here. */
function isCutOff(request: IncomingMessage, error: unknown): boolean {
  return request.errored === error
}

/** A caller's own request id is kept where it can do no harm in logs. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}

/** A subgraph or its database cannot be reached: no fault, and nothing the caller did. */
function isAway(error: unknown): boolean {
  return (error instanceof GraphQLError && error.extensions.code === 'SERVICE_UNAVAILABLE') || isDatabaseAway(error)
}

function asRefusal(error: unknown, requestId: string, log: Log): HttpRefusal {
  if (error instanceof HttpRefusal) return error
  if (error instanceof AuthenticationError) {
    const challenge = error.code === 'UNAUTHENTICATED' ? 'Bearer' : 'Bearer error="invalid_token"'
    return new HttpRefusal(401, error.code, error.message, { headers: { 'www-authenticate': challenge } })
  }
  if (error instanceof RateLimited) {
    const { code, message, retryAfterSeconds } = error
    return new HttpRefusal(429, code, message, { retryAfterSeconds })
  }
  if (isAway(error)) {
    log.warn({ err: error, requestId }, 'a part of the service is away')
    return new HttpRefusal(503, 'SERVICE_UNAVAILABLE', 'A part of the service is away; try again in a while.')
  }
  log.error({ err: error, requestId }, 'request failed')
  return new HttpRefusal(
    500,
    'INTERNAL_SERVER_ERROR',
    'Something went wrong on our side; the request id tells us what.',
  )
}
