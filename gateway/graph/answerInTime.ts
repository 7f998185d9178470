import { refuse } from '../../platform/graph/errors.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'

type Result = Awaited<ReturnType<Subgraph['execute']>>

/**
 * A subgraph that does not answer is as good as away: its database may be frozen, or out of reach.
 * @param asked what for
 * @throws GraphQLError SERVICE_UNAVAILABLE after `withinMs`
 */
export async function answerInTime(
  answer: Promise<Result>,
  asked: { subgraph: string; isMutation: boolean },
  withinMs: number,
): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(refuse('SERVICE_UNAVAILABLE', wordsFor(asked)))
    answer.then(leave, () => {}) // nobody waits for it any more
  }, withinMs)
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer))
}

function wordsFor({ subgraph, isMutation }: { subgraph: string; isMutation: boolean }): string {
  return isMutation
    ? `The service's ${subgraph} did not answer in time. The change may have been made all the same: repeat it with the same idempotencyKey.`
    : `The service's ${subgraph} did not answer in time; try again in a while.`
}

function leave(result: Result): void {
  if (Symbol.asyncIterator in result) void result.return()
}
