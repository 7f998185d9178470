import { GraphQLError } from 'graphql'
import { maskError } from '../../platform/graph/errors.ts'
import type { Log } from '../../platform/log.ts'
import type { Operation } from './operation.ts'

/** What planner and executor note about the inside: which subgraph failed, where in its code. */
const INTERNAL_EXTENSIONS = new Set(['serviceName', 'stacktrace', 'exception', 'originalError', 'unexpected'])

/**
 * Errors as clients get them: each has a code and the request id. Those with a code are expected and
 * keep their words; all others say only that something went wrong, and are logged.
 */
export function presentErrors(
  errors: readonly unknown[],
  { requestId, transport, caller }: Pick<Operation, 'requestId' | 'transport' | 'caller'>,
  log: Log,
): GraphQLError[] {
  return errors.map((error) => {
    const raised = asGraphQLError(error)
    const { message, path, nodes, extensions } = maskError(raised, requestId, log)
    // The HTTP layer reads its status from extensions.http and takes it out; a WebSocket has none.
    const shown = Object.entries(extensions).filter(
      ([name]) => !INTERNAL_EXTENSIONS.has(name) && (name !== 'http' || transport !== 'WEBSOCKET'),
    )
    return new GraphQLError(caller.mayIntrospect ? message : withoutSuggestion(message), {
      path: path ?? null,
      // A place in the client's own document helps it; a place in a fetch of the plan would mislead.
      ...(path ? {} : { nodes: nodes ?? null, source: raised.source ?? null, positions: raised.positions ?? null }),
      extensions: Object.fromEntries(shown),
    })
  })
}

/** What a name resembles is a part of the schema. */
function withoutSuggestion(message: string): string {
  return message.replace(/ Did you mean .*\?$/s, '')
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  const originalError = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(originalError.message, { originalError })
}
