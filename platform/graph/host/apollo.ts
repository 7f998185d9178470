import type { IncomingHttpHeaders } from 'node:http'
import { ApolloServer, HeaderMap } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { Log } from '../../log.ts'
import type { HostedSubgraph } from '../subgraph.ts'

export interface GraphqlOverHttp {
  answer(request: HttpRequest): Promise<{ status: number; headers: Iterable<[string, string]>; body: string }>
  stop(): Promise<void>
}

interface HttpRequest {
  method: string
  headers: IncomingHttpHeaders
  search: string
  body: unknown
  identityToken: string
  requestId: string
}

interface Caller {
  identityToken: string
  requestId: string
  traceparent: string | undefined
}

/**
 * Apollo Server reads, parses and validates what comes by HTTP. It hands each operation on as it would to
 * a gateway: so the same `execute` answers as in one process, with the same context, order and masking.
 */
export async function graphqlOverHttp(subgraph: HostedSubgraph, log: Log): Promise<GraphqlOverHttp> {
  const server = new ApolloServer<Caller>({
    gateway: {
      onSchemaLoadOrUpdate(tell) {
        tell({ apiSchema: subgraph.schema, coreSupergraphSdl: '' })
        return () => {}
      },
      async load() {
        return {
          async executor({ document, request, context }) {
            const result = await subgraph.execute({
              document,
              variables: request.variables,
              operationName: request.operationName,
              ...(context as Caller),
            })
            if (Symbol.asyncIterator in result) throw new Error('A subscription came by HTTP.')
            return result as never
          },
        }
      },
      stop: async () => {},
    },
    introspection: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    // The role ends its servers itself, in its own order.
    stopOnTerminationSignals: false,
    logger: log,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  })
  await server.start()

  return {
    async answer({ method, headers, search, body, identityToken, requestId }) {
      const response = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: headerMapOf(headers), search, body },
        context: async () => ({ identityToken, requestId, traceparent: headers.traceparent?.toString() }),
      })
      if (response.body.kind !== 'complete') throw new Error('Apollo Server answered in parts.')
      return { status: response.status ?? 200, headers: response.headers, body: response.body.string }
    },
    stop: () => server.stop(),
  }
}

function headerMapOf(headers: IncomingHttpHeaders): HeaderMap {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return map
}
