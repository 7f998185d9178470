import { refuse } from '../../platform/graph/errors.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'

type Result = Awaited<ReturnType<Subgraph['execute']>>

/**
 * A subgraph that does not answer is as good as away: its database may be frozen, or out of reach.
 * @throws GraphQLError SERVICE_UNAVAILABLE after `withinMs`; what was asked for may still happen
 */
export async function answerInTime(name: string, answer: Promise<Result>, withinMs: number): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(
      refuse(
        'SERVICE_UNAVAILABLE',
        `The service's ${name} did not answer in time. A change may have been made all the same: repeat it with the same idempotencyKey.`,
      ),
    )
    answer.then(leave, () => {}) // nobody waits for it any more
  }, withinMs)
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer))
}

function leave(result: Result): void {
  if (Symbol.asyncIterator in result) void result.return()
}
