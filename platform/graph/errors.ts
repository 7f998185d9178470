import { GraphQLError } from 'graphql'
import { isDatabaseAway, sqlState } from '../database/connection.ts'
import { CursorError } from '../events/cursor.ts'
import type { Log } from '../log.ts'

/** A refusal that the caller can mend: data, not an error. */
export interface UserError {
  /** Stable: programs branch on it; the words below may improve. */
  code: string
  /** Path in the input, where one field is to blame. */
  field: string[] | null
  message: string
  fix: string | null
}

/** An expected error: the code is part of the API, the message is for people and shown as it is. */
export function refuse(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}

/** Unknown, or another tenant's: the caller cannot tell which. */
export function notFound(what: string): GraphQLError {
  return refuse('NOT_FOUND', `There is no ${what}.`)
}

export function forbidden(what: string): GraphQLError {
  return refuse('FORBIDDEN', `You may not ${what}.`)
}

/** Of Postgres, which goes on answering what is only read. */
const DISK_FULL = '53100'

/** Every error that leaves a subgraph: expected ones as they are, all else without a word of what happened inside. */
export function maskError(error: GraphQLError, requestId: string, log: Log): GraphQLError {
  const { nodes, path, originalError } = error
  const leave = (message: string, extensions: Record<string, unknown>) =>
    new GraphQLError(message, { nodes: nodes ?? null, path: path ?? null, extensions: { ...extensions, requestId } })
  if (originalError instanceof CursorError) return leave(originalError.message, { code: originalError.code })
  if (typeof error.extensions.code === 'string') return leave(error.message, error.extensions)
  // Without an original error it is graphql's own verdict on the request: a missing or malformed variable.
  // So is what a scalar says of a variable's value, which has one, but no place in the answer.
  if (!originalError || (originalError instanceof GraphQLError && !path))
    return leave(error.message, { code: 'BAD_USER_INPUT' })
  log.error({ err: originalError, requestId, path }, 'request failed')
  if (sqlState(originalError) === DISK_FULL)
    return leave('This part of the service has no room to store anything at the moment; try again in a while.', {
      code: 'SERVICE_UNAVAILABLE',
    })
  return isDatabaseAway(originalError)
    ? leave('This part of the service cannot reach its database; try again in a while.', {
        code: 'SERVICE_UNAVAILABLE',
      })
    : leave('Something went wrong on our side; the request id tells us what.', { code: 'INTERNAL_SERVER_ERROR' })
}
