import {
  createSourceEventStream,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql'
import type { WallClock } from '../clock.ts'
import { TokenError } from '../identity/identity.ts'
import type { Log } from '../log.ts'
import type { Access } from './access.ts'
import type { GraphContext } from './context.ts'
import { maskError, refuse } from './errors.ts'
import { eventStream } from './eventStream.ts'
import type { SubgraphRequest } from './subgraph.ts'

interface Execution<Context extends GraphContext> {
  schema: GraphQLSchema
  request: SubgraphRequest
  /** @throws TokenError, GraphQLError where the caller may not ask */
  openContext: () => Promise<Context>
  access: Access
  wall: WallClock
  log: Log
}

/** Answers one operation; whatever goes wrong is an error of the result, masked. */
export async function executeRequest<Context extends GraphContext>(
  execution: Execution<Context>,
): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>> {
  const { document, operationName } = execution.request
  try {
    const context = await execution.openContext()
    return getOperationAST(document, operationName)?.operation === 'subscription'
      ? await subscribe(execution, context)
      : await inContext(execution, context, undefined)
  } catch (error) {
    return failure(execution, error)
  }
}

async function subscribe<Context extends GraphContext>(
  execution: Execution<Context>,
  context: Context,
): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, void>> {
  const { schema, request, access, wall, openContext } = execution
  const source = await createSourceEventStream({
    schema,
    document: request.document,
    contextValue: context,
    variableValues: request.variables,
    operationName: request.operationName,
  })
  await context.close()
  if (!(Symbol.asyncIterator in source)) return masked(source, execution)
  let forget = () => {}
  const stream = eventStream({
    source: source[Symbol.asyncIterator](),
    async complete(event) {
      // Access is decided again for each event, and in between for as long as none comes.
      const reason = access.reasonToEnd(context.identity)
      if (reason === null) return inContext(execution, await openContext(), event)
      stream.end(failure(execution, reason))
      return {}
    },
    failure: (error) => failure(execution, error),
    wall,
    onEnd: () => forget(),
  })
  forget = access.watch(context.identity, (reason) => stream.end(failure(execution, reason)))
  return stream
}

/** Executes once in its own context, and so in its own read transaction. */
async function inContext<Context extends GraphContext>(
  execution: Execution<Context>,
  context: Context,
  rootValue: unknown,
): Promise<ExecutionResult> {
  const { schema, request } = execution
  try {
    const result = await execute({
      schema,
      document: request.document,
      variableValues: request.variables ?? null,
      operationName: request.operationName ?? null,
      contextValue: context,
      rootValue,
    })
    return masked(result, execution)
  } finally {
    await context.close()
  }
}

type Masking = Pick<Execution<GraphContext>, 'request' | 'log'>

function masked(result: ExecutionResult, { request, log }: Masking): ExecutionResult {
  if (!result.errors) return result
  return { ...result, errors: result.errors.map((error) => maskError(error, request.requestId, log)) }
}

function failure(masking: Masking, error: unknown): ExecutionResult {
  return masked({ errors: [asGraphQLError(error)] }, masking)
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  if (error instanceof TokenError) return refuse(error.code, error.message)
  const originalError = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(originalError.message, { originalError })
}
