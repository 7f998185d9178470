import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { RoleTokens } from '../../identity/roleTokens.ts'
import type { Log } from '../../log.ts'
import { measureRequest } from '../../telemetry/requestMetrics.ts'
import type { Wakeups } from '../../wakeups.ts'
import type { HostedSubgraph } from '../subgraph.ts'
import { type GraphqlOverHttp, graphqlOverHttp } from './apollo.ts'
import { bearerOf, HostRefusal, readJson, refusalOf, sendJson } from './http.ts'
import { EXPORTS_PATH, FACTS_PATH, FILE_NAME_HEADER, GRAPHQL_PATH, LINK_PATH } from './paths.ts'
import { factsRoutes, linkRoutes, type PlainRoute } from './routes.ts'
import { acceptSubscriptions } from './webSocket.ts'

export interface SubgraphHost {
  readonly url: string
  readonly port: number
  /** Ends subscriptions so that they can be resumed, then what else is under way. The subgraph itself goes on. */
  stop(): Promise<void>
}

interface HostOptions {
  subgraph: HostedSubgraph
  wakeups: Wakeups
  roles: RoleTokens
  host: string
  /** 0: any free one. */
  port: number
  log: Log
}

/** The address cannot be listened on. */
export class HostListenError extends Error {
  readonly code = 'PORT_UNAVAILABLE'
  readonly fix = 'Stop what listens there, or choose another port with SLUICE_PORT; 0 takes any free one.'
}

/** A batch of observations is the largest thing that comes. */
const MAX_BODY_BYTES = 16_000_000
const KEEP_ALIVE_MS = 75_000
const STOP_GRACE_MS = 3_000
const IDLE_SWEEP_MS = 50

/**
 * Offers a subgraph to roles in other processes: GraphQL by Apollo Server, subscriptions on the same
 * port, and plain routes for the rest of its port. Clients never come here; a signed identity does.
 * @throws HostListenError
 */
export async function hostSubgraph({ subgraph, wakeups, roles, host, port, log }: HostOptions): Promise<SubgraphHost> {
  const graphql = await graphqlOverHttp(subgraph, log)
  const routes = new Map<string, PlainRoute>([
    ...Object.entries(linkRoutes(subgraph)).map(([verb, route]) => [LINK_PATH + verb, route] as const),
    ...Object.entries(factsRoutes(subgraph, wakeups)).map(([verb, route]) => [FACTS_PATH + verb, route] as const),
  ])
  const open = new Set<AbortController>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '/', 'http://subgraph')
    const path = url?.pathname ?? '/'
    measureRequest(request, response, () => (path === GRAPHQL_PATH ? path : `/${path.split('/')[1]}/`))
    if (path === GRAPHQL_PATH) return answerGraphql(graphql, request, response, url?.search ?? '')
    if (path.startsWith(EXPORTS_PATH)) return sendExport(subgraph, request, response, path.slice(EXPORTS_PATH.length))
    const route = routes.get(path)
    if (route === undefined || request.method !== 'POST') throw new HostRefusal(404, 'NOT_FOUND', 'Nothing is here.')
    await roles.verify(bearerOf(request))
    const ending = new AbortController()
    open.add(ending)
    response.once('close', () => {
      open.delete(ending)
      ending.abort()
    })
    const result = await route((await readJson(request, MAX_BODY_BYTES)) as never, ending.signal)
    if (!response.destroyed) sendJson(response, 200, result)
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer(request, response).catch((error) => {
      if (response.headersSent || response.destroyed) response.destroy()
      else {
        const { status, errors } = refusalOf(error, log)
        sendJson(response, status, { errors })
      }
    })
  })
  const endSubscriptions = acceptSubscriptions({ server, subgraph, roles, maxBytes: MAX_BODY_BYTES, log })
  server.listen(port, host)
  await once(server, 'listening').catch(async (error) => {
    await graphql.stop()
    throw new HostListenError(`The subgraph cannot have ${host}:${port}: ${(error as Error).message}.`)
  })
  const listening = (server.address() as AddressInfo).port

  async function stop() {
    const closed = new Promise((resolve) => server.close(resolve))
    await endSubscriptions()
    for (const ending of open) ending.abort()
    const deadline = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS)
    // Node closes connections that are idle when it is told to, not those that become so afterwards.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS)
    await closed
    clearTimeout(deadline)
    clearInterval(idle)
    await graphql.stop()
  }
  let stopped: Promise<void> | undefined

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    port: listening,
    stop: () => (stopped ??= stop()),
  }
}

async function answerGraphql(
  graphql: GraphqlOverHttp,
  request: IncomingMessage,
  response: ServerResponse,
  search: string,
): Promise<void> {
  const { status, headers, body } = await graphql.answer({
    method: (request.method ?? 'GET').toUpperCase(),
    headers: request.headers,
    search,
    body: request.method === 'POST' ? await readJson(request, MAX_BODY_BYTES) : undefined,
    identityToken: bearerOf(request) ?? '',
    requestId: String(request.headers['x-request-id'] ?? ''),
  })
  response.writeHead(status, Object.fromEntries(headers))
  response.end(body)
}

async function sendExport(
  subgraph: HostedSubgraph,
  request: IncomingMessage,
  response: ServerResponse,
  exportId: string,
): Promise<void> {
  const download = await subgraph.download?.(exportId, bearerOf(request) ?? '')
  if (!download) throw new HostRefusal(404, 'NOT_FOUND', 'There is no export of this id.')
  response.writeHead(200, {
    'content-type': download.contentType,
    'content-length': download.sizeBytes,
    [FILE_NAME_HEADER]: encodeURIComponent(download.fileName),
  })
  await pipeline(download.content(), response)
}
