import type { GatewayConfigSupergraph } from '@graphql-hive/gateway-runtime'
import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import type { WallClock } from '../../platform/clock.ts'
import { maskError, refuse } from '../../platform/graph/errors.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import type { Log } from '../../platform/log.ts'
import type { Rates } from '../rates/rates.ts'
import { observedFetch } from '../telemetry/observedFetches.ts'
import { observedOperations } from '../telemetry/observedOperations.ts'
import { admission } from './admission.ts'
import { answerInTime } from './answerInTime.ts'
import { presentErrors } from './errors.ts'
import { unifiedGraphHandler } from './hive.ts'
import { oncePerTurn } from './oncePerTurn.ts'
import type { Operation } from './operation.ts'
import { withoutRootFragments } from './rootFragments.ts'
import type { Streams } from './streams.ts'
import { subscriptions } from './subscriptions.ts'

export type GraphHandler = NonNullable<GatewayConfigSupergraph['unifiedGraphHandler']>
type OnSubgraphExecute = Parameters<GraphHandler>[0]['onSubgraphExecute']
type Executor = NonNullable<Awaited<ReturnType<GraphHandler>>['executor']>

/** What a client asks for, parsed and validated. */
export type ClientRequest = Parameters<Executor>[0]
/** What a plan asks a subgraph for. */
export type FetchRequest = Parameters<OnSubgraphExecute>[1]
export type SubgraphResult = Awaited<ReturnType<Subgraph['execute']>>

/** Goes with an execution from the client's request to each fetch of its plan. */
export interface ExecutionContext {
  operation: Operation
  /** Answers the fetch that a subscription begins with, in place of the subgraph. */
  answerSubscription?: (owner: Subgraph, request: FetchRequest) => ExecutionResult | Promise<ExecutionResult>
}

interface InProcessOptions {
  subgraphs: readonly Subgraph[]
  /** How long a subgraph may take to answer. */
  answerWithinMs: number
  streams: Streams
  rates: Rates
  wall: WallClock
  log: Log
}

/**
 * Plans with the router and calls the subgraphs as functions. Each call carries the caller's signed
 * identity, so a subgraph trusts nothing that it could not also get over a network.
 */
export function inProcessHandler({
  subgraphs,
  answerWithinMs,
  streams,
  rates,
  wall,
  log,
}: InProcessOptions): GraphHandler {
  const shared = oncePerTurn()
  const byGraphName = new Map(subgraphs.map((subgraph) => [subgraph.name.toUpperCase(), subgraph]))

  async function fetchFrom(graphName: string, request: FetchRequest): Promise<ExecutionResult> {
    const subgraph = byGraphName.get(graphName.toUpperCase())
    if (!subgraph) throw new Error(`The plan asks ${graphName}, which is no subgraph.`)
    const { operation, answerSubscription } = request.context as ExecutionContext
    if (!answerSubscription) return fetchOnce(subgraph, request, operation)
    if (request.operationType === 'subscription') return answerSubscription(subgraph, request)
    const { document, variables } = request
    const { identityToken } = operation.caller
    return shared({ subgraph: subgraph.name, identityToken, document, variables }, () =>
      fetchOnce(subgraph, request, operation),
    )
  }

  async function fetchOnce(subgraph: Subgraph, request: FetchRequest, operation: Operation): Promise<ExecutionResult> {
    const result = await callSubgraph(subgraph, request, operation)
    if (Symbol.asyncIterator in result) throw new Error(`${subgraph.name} answered a fetch with a stream.`)
    return result
  }

  const callSubgraph = (subgraph: Subgraph, request: FetchRequest, operation: Operation): Promise<SubgraphResult> =>
    observedFetch(subgraph, request, () => call(subgraph, request, operation))

  async function call(
    subgraph: Subgraph,
    { document, variables, operationName, operationType }: FetchRequest,
    { caller: { identityToken }, requestId }: Operation,
  ): Promise<SubgraphResult> {
    try {
      const answer = subgraph.execute({ document, variables, operationName, identityToken, requestId })
      const asked = { subgraph: subgraph.name, isMutation: operationType === 'mutation' }
      return await answerInTime(answer, asked, answerWithinMs)
    } catch (error) {
      // One subgraph being away nulls its own fields and no others.
      return { errors: [maskError(unexpected(error), requestId, log)] }
    }
  }

  return async (options) => {
    const router = await unifiedGraphHandler({ ...options, onSubgraphExecute: fetchFrom })
    const execute = router.executor
    if (!execute) throw new Error('The router has no executor.')

    async function executeOnce(request: ClientRequest, context: ExecutionContext): Promise<ExecutionResult> {
      try {
        const result = (await execute?.({ ...request, context })) as ExecutionResult
        return result.errors ? { ...result, errors: presentErrors(result.errors, context.operation, log) } : result
      } catch (error) {
        // Thrown before anything was fetched: variables that do not fit, or a plan that cannot be made.
        const errors: unknown[] = error instanceof AggregateError ? error.errors : [error]
        const verdicts = errors.map((each) => (each instanceof GraphQLError ? badInput(each) : each))
        return { errors: presentErrors(verdicts, context.operation, log) }
      }
    }

    const subscribe = subscriptions({ executeOnce, callSubgraph, streams, wall, log })
    const admit = admission({ schema: router.unifiedGraph, rates })

    function executor(request: ClientRequest) {
      const { operation } = request.context as ExecutionContext
      const kind = getOperationAST(request.document, request.operationName)?.operation
      if (kind === undefined) return { errors: presentErrors([noSuchOperation()], operation, log) }
      if (kind === 'subscription' && !operation.isStreamable)
        return { errors: presentErrors([noStream(operation.transport)], operation, log) }
      try {
        if (!admit(request, operation).introspects)
          return kind === 'subscription' ? subscribe(request, operation) : executeOnce(request, { operation })
      } catch (refusal) {
        return { errors: presentErrors([refusal], operation, log) }
      }
      return executeOnce({ ...request, document: withoutRootFragments(request.document) }, { operation })
    }
    return { ...router, executor: observedOperations(executor) as Executor }
  }
}

function badInput({ message, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', ...extensions } })
}

function noSuchOperation(): GraphQLError {
  return refuse(
    'OPERATION_RESOLUTION_FAILURE',
    'Which operation is meant? The document has none, or several, of that name.',
  )
}

function noStream(transport: Operation['transport']): GraphQLError {
  const [code, http] =
    transport === 'GET'
      ? ['BAD_REQUEST', { status: 405, headers: { Allow: 'POST' } }]
      : ['NOT_ACCEPTABLE', { status: 406, headers: {} }]
  const message = 'Subscriptions are for WebSocket, and for POST with accept: text/event-stream.'
  return new GraphQLError(message, { extensions: { code, http } })
}

function unexpected(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(originalError.message, { originalError })
}
