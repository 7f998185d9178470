import { type Client, createClient } from 'graphql-ws'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import WebSocket from 'ws'
import type { WallClock } from '../../platform/clock.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import { type Claims, createTokens, type Tokens } from '../../platform/identity/identity.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import type { GatewayLimits } from '../limits.ts'
import { createTestSubgraphs, type TestSubgraphs } from './subgraphs.ts'

export interface GraphAnswer {
  status: number
  headers: Headers
  data?: Record<string, unknown> | null
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
}

interface Send {
  /** undefined: none is sent. */
  token?: string | undefined
  variables?: Record<string, unknown>
  headers?: Record<string, string>
}

export interface TestGateway extends TestSubgraphs {
  gateway: Gateway
  url: string
  wall: WallClock & { ms: number }
  /** Verifies what the gateway tells a subgraph of who asks. */
  subgraphTokens: Tokens
  /** Lines that the gateway logged. */
  logged: Record<string, unknown>[]
  /** A client token, good for `ttlSeconds`. */
  token(claims?: Claims, ttlSeconds?: number): Promise<string>
  post(query: string, send?: Send): Promise<GraphAnswer>
  /** Results of a subscription, as server-sent events; ends with the stream. */
  sse(query: string, send: Send & { signal?: AbortSignal }): Promise<AsyncGenerator<GraphAnswer, void, void>>
  webSocket(connectionParams: Record<string, unknown>): Client
}

export const ALICE: Claims = {
  kind: 'member',
  subject: 'alice',
  tenantId: 'tenant_1',
  tenantSlug: 'acme',
  role: 'developer',
}
export const AGENT: Claims = { kind: 'agent', subject: 'agent', cluster: 'east' }

interface TestGatewayOptions {
  limits?: Partial<GatewayLimits>
  port?: number
  /** Changes the subgraphs before the gateway starts. */
  arrange?: (subgraphs: readonly Subgraph[]) => readonly Subgraph[]
}

/** A gateway over two small subgraphs, on a free port, stopped when the test ends. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const wall: TestGateway['wall'] = { ms: 1_800_000_000_000, nowMs: () => wall.ms }
  const client = createTokens({ secret: new Uint8Array(32).fill(1), audience: 'client', wall })
  const subgraph = createTokens({ secret: new Uint8Array(32).fill(2), audience: 'subgraph', wall })
  const subgraphs = createTestSubgraphs(subgraph, wall)
  const logged: Record<string, unknown>[] = []
  const gateway = await startGateway({
    subgraphs: options.arrange?.(subgraphs.list) ?? subgraphs.list,
    tokens: { client, subgraph },
    wall,
    log: pino({ base: null }, { write: (line) => void logged.push(JSON.parse(line)) }),
    host: '127.0.0.1',
    port: options.port ?? 0,
    limits: { streamSweepMs: 5, ...options.limits },
  })
  const clients: Client[] = []
  onTestFinished(async () => {
    for (const each of clients) await each.dispose()
    await gateway.stop()
  })

  const graphqlUrl = `${gateway.url}/graphql`
  const request = (query: string, { token, variables, headers }: Send, accept: string) => ({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  })

  return {
    ...subgraphs,
    gateway,
    url: gateway.url,
    wall,
    subgraphTokens: subgraph,
    logged,
    token: (claims = ALICE, ttlSeconds = 3_600) => client.issue(claims, ttlSeconds),
    async post(query, send = {}) {
      const response = await fetch(graphqlUrl, request(query, send, 'application/json'))
      const body = (await response.json()) as Partial<GraphAnswer>
      return { ...body, status: response.status, headers: response.headers }
    },
    async sse(query, { signal, ...send }) {
      const init = request(query, send, 'text/event-stream')
      const response = await fetch(graphqlUrl, { ...init, signal: signal ?? null })
      return resultsOf(response)
    },
    webSocket(connectionParams) {
      const webSocket = createClient({
        url: graphqlUrl.replace('http', 'ws'),
        connectionParams,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        lazyCloseTimeout: 60_000,
      })
      clients.push(webSocket)
      return webSocket
    },
  }
}

async function* resultsOf({ body, status, headers }: Response): AsyncGenerator<GraphAnswer, void, void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end < 0) break
      const data = /^data: (.+)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data) yield { ...(JSON.parse(data) as Partial<GraphAnswer>), status, headers }
    }
  }
}
