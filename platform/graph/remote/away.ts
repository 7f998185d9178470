import { GraphQLError } from 'graphql'
import type { SubgraphName } from '../../link/protocol.ts'

/** The subgraph cannot be reached: its fields are null, all others are there. */
export function away(name: SubgraphName, cause: unknown): GraphQLError {
  return unavailable(`The service's ${name} cannot be reached; try again in a while.`, cause)
}

/** It was asked for a change and has not answered. */
export function outcomeUnknown(name: SubgraphName, cause: unknown): GraphQLError {
  return unavailable(
    `The service's ${name} did not answer. The change may have been made all the same: repeat it with the same idempotencyKey.`,
    cause,
  )
}

/** Nothing is lost: whoever subscribes again after the last cursor goes on where it was. */
export function streamBroken(name: SubgraphName): GraphQLError {
  return unavailable(`The service's ${name} went away; resume after the last cursor.`, undefined)
}

export function tooSlow(): GraphQLError {
  return new GraphQLError('You took too long with the results; resume after the last cursor.', {
    extensions: { code: 'TOO_SLOW' },
  })
}

function unavailable(message: string, cause: unknown): GraphQLError {
  const error = new GraphQLError(message, { extensions: { code: 'SERVICE_UNAVAILABLE' } })
  error.cause = cause // for the log, never for the client
  return error
}
