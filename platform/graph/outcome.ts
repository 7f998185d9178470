import type { ExecutionResult } from 'graphql'

/** refused: the client can mend it. failed: our side. */
export type Outcome = 'ok' | 'refused' | 'failed'

/** Codes of errors that no client can do anything about. */
const OURS: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE'])

/** What became of an execution whose errors are masked; a stream has at least been opened. */
export function outcomeOf(result: ExecutionResult | AsyncIterable<unknown>): Outcome {
  if (Symbol.asyncIterator in result || !result.errors?.length) return 'ok'
  return result.errors.some(({ extensions }) => OURS.has(extensions.code)) ? 'failed' : 'refused'
}
