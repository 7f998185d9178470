import type { GatewayConfigSupergraph } from '@graphql-hive/gateway-runtime'
import { unifiedGraphHandler } from '@graphql-hive/router-runtime'
import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { maskError, refuse } from '../../platform/graph/errors.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import type { Log } from '../../platform/log.ts'
import { presentErrors } from './errors.ts'
import { type EventStream, eventStream } from './eventStream.ts'
import type { Operation } from './operation.ts'
import type { Streams } from './streams.ts'

export type GraphHandler = NonNullable<GatewayConfigSupergraph['unifiedGraphHandler']>
type GraphHandlerOptions = Parameters<GraphHandler>[0]
type FetchRequest = Parameters<GraphHandlerOptions['onSubgraphExecute']>[1]
type Executor = NonNullable<Awaited<ReturnType<GraphHandler>>['executor']>
type ClientRequest = Parameters<Executor>[0]
type SubgraphResult = Awaited<ReturnType<Subgraph['execute']>>

/** The context of every execution. For a subscription, `subscribe` stands in for the subgraph that owns it. */
interface Context {
  operation: Operation
  subscribe?: (owner: Subgraph, request: FetchRequest) => Promise<ExecutionResult> | ExecutionResult
}

interface InProcessOptions {
  subgraphs: readonly Subgraph[]
  streams: Streams
  log: Log
}

/**
 * Plans with the router and calls the subgraphs as functions. Each call carries the caller's signed
 * identity, so a subgraph trusts nothing it could not also get over a network.
 */
export function inProcessHandler({ subgraphs, streams, log }: InProcessOptions): GraphHandler {
  const byGraphName = new Map(subgraphs.map((subgraph) => [subgraph.name.toUpperCase(), subgraph]))

  async function fetchFrom(graphName: string, request: FetchRequest): Promise<ExecutionResult> {
    const subgraph = byGraphName.get(graphName.toUpperCase())
    if (!subgraph) throw new Error(`The plan asks ${graphName}, which is no subgraph.`)
    const { operation, subscribe } = request.context as Context
    if (request.operationType === 'subscription' && subscribe) return subscribe(subgraph, request)
    const result = await callSubgraph(subgraph, request, operation)
    if (Symbol.asyncIterator in result) throw new Error(`${graphName} answered a fetch with a stream.`)
    return result
  }

  async function callSubgraph(
    subgraph: Subgraph,
    request: FetchRequest,
    operation: Operation,
  ): Promise<SubgraphResult> {
    const { caller, requestId } = operation
    const { document, variables, operationName } = request
    try {
      return await subgraph.execute({
        document,
        variables,
        operationName,
        identityToken: caller.identityToken,
        requestId,
      })
    } catch (error) {
      // One subgraph being away nulls its own fields and no others.
      return { errors: [maskError(asUnexpected(error), requestId, log)] }
    }
  }

  return async (options) => {
    const router = await unifiedGraphHandler({ ...options, onSubgraphExecute: fetchFrom })
    const { executor } = router
    if (!executor) throw new Error('The router has no executor.')

    async function once(request: ClientRequest, context: Context): Promise<ExecutionResult> {
      try {
        const result = (await executor?.({ ...request, context })) as ExecutionResult
        return result.errors ? { ...result, errors: presentErrors(result.errors, context.operation, log) } : result
      } catch (error) {
        // Thrown before anything was fetched: variables that do not fit, or a plan that cannot be made.
        const errors = error instanceof AggregateError ? error.errors : [error]
        return { errors: presentErrors(errors, context.operation, log) }
      }
    }

    /**
     * The router keeps one context for all events of a subscription: errors of an event would show up
     * again in every later one, and an event without data would repeat the data of the one before.
     * So it plans once to learn the source, and then executes for each event with the event as the
     * source's answer, in a context of its own.
     */
    async function stream(request: ClientRequest, operation: Operation): Promise<ExecutionResult | EventStream> {
      let source: AsyncIterator<ExecutionResult> | undefined
      const refusal = await once(request, {
        operation,
        async subscribe(owner, fetch) {
          const result = await callSubgraph(owner, fetch, operation)
          if (!(Symbol.asyncIterator in result)) return result
          source = result[Symbol.asyncIterator]()
          return {}
        },
      })
      if (!source) return refusal

      const failure = (...errors: unknown[]) => ({ errors: presentErrors(errors, operation, log) })
      const events = eventStream({
        source,
        complete: (event) => once(request, { operation, subscribe: () => event }),
        failure,
        onEnd: () => {
          forget()
          operation.signal.removeEventListener('abort', leave)
        },
      })
      const leave = () => events.end()
      let forget = () => {}
      try {
        const { expiresAtMs } = operation.caller.identity
        const remove = streams.add({ expiresAtMs, fail: (reason) => events.end(failure(reason)) })
        forget = remove
      } catch (error) {
        events.end()
        return failure(error)
      }
      operation.signal.addEventListener('abort', leave, { once: true })
      if (operation.signal.aborted) leave()
      return events
    }

    return {
      ...router,
      executor: ((request: ClientRequest) => {
        const { operation } = request.context as Context
        const kind = getOperationAST(request.document, request.operationName)?.operation
        if (kind !== 'subscription') return once(request, { operation })
        if (operation.transport !== 'GET') return stream(request, operation)
        return { errors: presentErrors([subscriptionByGet()], operation, log) }
      }) as Executor,
    }
  }
}

function subscriptionByGet(): GraphQLError {
  const { message, extensions } = refuse('BAD_REQUEST', 'Subscriptions are for POST and WebSocket.')
  return new GraphQLError(message, { extensions: { ...extensions, http: { status: 405, headers: { Allow: 'POST' } } } })
}

function asUnexpected(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(originalError.message, { originalError })
}
