import type { WallClock } from '../platform/clock.ts'
import type { Subgraph } from '../platform/graph/subgraph.ts'
import type { Tokens } from '../platform/identity/identity.ts'
import type { Log } from '../platform/log.ts'
import { composeSupergraph } from './composition.ts'
import { inProcessHandler } from './graph/inProcess.ts'
import { createGraph } from './graph/runtime.ts'
import { createStreams } from './graph/streams.ts'
import { createExplorer } from './http/explorer.ts'
import { exportsRoute } from './http/exports.ts'
import { graphqlRoute } from './http/graphql.ts'
import { linkRoute } from './http/link.ts'
import { sendJson } from './http/refusal.ts'
import { listen, type Route } from './http/server.ts'
import { createCallers } from './identity/callers.ts'
import { DEFAULT_LIMITS, type GatewayLimits } from './limits.ts'
import { createRates } from './rates/rates.ts'
import { createAgentsSeen } from './telemetry/agentsSeen.ts'
import { acceptWebSockets } from './websocket/webSockets.ts'

export interface Gateway {
  readonly url: string
  readonly port: number
  /** Ends subscriptions with a resumable error, long polls with what there is, and everything else within 5 s. */
  stop(): Promise<void>
}

export interface GatewayOptions {
  subgraphs: readonly Subgraph[]
  /** `client` verifies who calls; `subgraph` signs who it is for the subgraphs. */
  tokens: { client: Tokens; subgraph: Tokens }
  wall: WallClock
  log: Log
  host: string
  /** 0: any free one. */
  port: number
  limits?: Partial<GatewayLimits>
}

const GRAPHQL_PATH = '/graphql'

/**
 * The clients' way in: one graph of all subgraphs over POST, GET, server-sent events and WebSocket;
 * the agents' link; downloads; an explorer for people.
 * @throws CompositionError where the subgraphs do not fit together, ListenError where the address cannot be had
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { subgraphs, tokens, wall, log, host, port } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const rates = createRates(limits, wall)
  const callers = createCallers({ tokens, wall, introspection: limits.introspection, rates })
  const streams = createStreams({ wall, limits })
  const graph = await createGraph({
    supergraph: composeSupergraph(subgraphs),
    handler: inProcessHandler({ subgraphs, answerWithinMs: limits.answerWithinMs, streams, rates, wall, log }),
    path: GRAPHQL_PATH,
    log,
  })
  async function closeGraph() {
    agents.stop()
    streams.close()
    await graph.close()
  }
  const explorer = createExplorer(GRAPHQL_PATH)
  const agents = createAgentsSeen(wall)
  const routes: Record<string, Route> = {
    '/': explorer.page,
    '/explorer/': explorer.assets,
    [GRAPHQL_PATH]: graphqlRoute(graph, callers, rates),
    '/link/': linkRoute({ subgraphs, callers, tokens: tokens.client, rates, agents }),
    '/exports/': exportsRoute(subgraphs, callers, rates),
    '/healthz': ({ response }) => sendJson(response, 200, { status: 'ok' }),
  }
  const http = await listen({ host, port, log, routes, limits }).catch(async (error) => {
    await closeGraph()
    throw error
  })
  const webSockets = acceptWebSockets({ server: http.server, path: GRAPHQL_PATH, graph, callers, rates, limits, log })

  async function stop() {
    streams.close()
    await Promise.all([webSockets.stop(limits.stopGraceMs), http.stop(limits.stopGraceMs)])
    await closeGraph()
  }
  let stopped: Promise<void> | undefined

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`,
    port: http.port,
    stop: () => (stopped ??= stop()),
  }
}
