import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GatewayPlugin, GatewayRuntime } from '@graphql-hive/gateway-runtime'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { refuse } from '../../platform/graph/errors.ts'
import type { Log } from '../../platform/log.ts'
import { presentErrors } from './errors.ts'
import { createGatewayRuntime } from './hive.ts'
import type { GraphHandler } from './inProcess.ts'
import { boundedOperations, MAX_DOCUMENT_LENGTH } from './limits.ts'
import type { Operation } from './operation.ts'

/** The composed graph, ready for operations. */
export interface Graph {
  /** Answers an HTTP request whose caller is known; `body` is what a POST brought, already read. */
  respond(
    request: IncomingMessage,
    response: ServerResponse,
    operation: Operation,
    body: object | undefined,
  ): Promise<void>
  /** Executes an operation that came by another way. */
  run(params: GraphParams, operation: Operation): Promise<ExecutionResult | AsyncIterable<ExecutionResult>>
  close(): Promise<void>
}

export interface GraphParams {
  query?: unknown
  operationName?: unknown
  variables?: unknown
  extensions?: unknown
}

interface GraphOptions {
  supergraph: string
  handler: GraphHandler
  path: string
  log: Log
}

/** Loads the graph before the first request: a WebSocket's would otherwise find none. */
export async function createGraph({ supergraph, handler, path, log }: GraphOptions): Promise<Graph> {
  const runtime = leavingSignalsAlone(() =>
    createGatewayRuntime<{ operation?: Operation }>({
      supergraph,
      unifiedGraphHandler: handler,
      graphqlEndpoint: path,
      plugins: () => [boundedOperations(), presentedErrors(log)] as GatewayPlugin[],
      // Errors are presented, and request ids kept, by this gateway itself.
      maskedErrors: false,
      subgraphErrors: false,
      requestId: false,
      logging: false,
      graphiql: false,
      landingPage: false,
      cors: false,
    }),
  )
  await runtime.getSchema()
  const respondWith = runtime.requestListener as (
    request: IncomingMessage,
    response: ServerResponse,
    context: { operation: Operation },
  ) => unknown

  return {
    async respond(request, response, operation, body) {
      // Where the runtime looks for a body that is parsed already; it would stream and bound it a second time.
      if (body) Object.assign(request, { body })
      await respondWith(request, response, { operation })
    },
    async run(params, operation) {
      try {
        if (String(params.query).length > MAX_DOCUMENT_LENGTH)
          throw refuse('OPERATION_TOO_LARGE', `A document has at most ${MAX_DOCUMENT_LENGTH} characters.`)
        return await resultOf(runtime, params, operation)
      } catch (error) {
        return { errors: presentErrors([error], operation, log) }
      }
    },
    close: async () => runtime.dispose(),
  }
}

async function resultOf(
  runtime: GatewayRuntime,
  params: GraphParams,
  operation: Operation,
): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
  const { getResultForParams, waitUntil } = runtime
  // Its types ask for an HTTP request, which a WebSocket's operation has not; the runtime's own adapter leaves it out, too.
  const call = getResultForParams as unknown as (
    request: { params: GraphParams },
    context: { operation: Operation; waitUntil: unknown },
  ) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>
  return call({ params }, { operation, waitUntil })
}

/** Errors from before execution, too, get a code and the request id; the executor has seen to the others. */
function presentedErrors(log: Log): GatewayPlugin {
  const present = (result: unknown, operation: Operation | undefined, replace: (result: never) => void) => {
    const { errors, ...rest } = result as ExecutionResult
    if (!operation || !errors?.some(({ extensions }) => extensions.requestId === undefined)) return
    replace({ ...rest, errors: presentErrors(errors, operation, log) } as never)
  }
  return {
    onParse() {
      return ({ result }) => {
        if (result instanceof GraphQLError) result.extensions.code ??= 'GRAPHQL_PARSE_FAILED'
      }
    },
    onExecutionResult({ result, setResult, context }) {
      present(result, (context as { operation?: Operation }).operation, setResult)
    },
    onResultProcess({ result, setResult, serverContext }) {
      present(result, (serverContext as { operation?: Operation }).operation, setResult)
    },
  }
}

/** The runtime would dispose itself at SIGINT and SIGTERM, under the feet of the orderly stop that has just begun. */
function leavingSignalsAlone<T>(create: () => T): T {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const before = new Map(signals.map((signal) => [signal, new Set(process.rawListeners(signal))]))
  const created = create()
  for (const signal of signals) {
    for (const listener of process.rawListeners(signal)) {
      if (!before.get(signal)?.has(listener)) process.off(signal, listener as () => void)
    }
  }
  return created
}
