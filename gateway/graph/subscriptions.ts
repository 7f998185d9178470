import type { ExecutionResult } from 'graphql'
import type { WallClock } from '../../platform/clock.ts'
import { type EventStream, eventStream } from '../../platform/graph/eventStream.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import type { Log } from '../../platform/log.ts'
import { count } from '../../platform/telemetry/metrics.ts'
import { payerOf } from '../rates/rates.ts'
import { presentErrors } from './errors.ts'
import type { ClientRequest, ExecutionContext, FetchRequest, SubgraphResult } from './inProcess.ts'
import type { Operation } from './operation.ts'
import type { Streams } from './streams.ts'

export type Subscribe = (request: ClientRequest, operation: Operation) => Promise<ExecutionResult | EventStream>

interface SubscriptionsOptions {
  executeOnce: (request: ClientRequest, context: ExecutionContext) => Promise<ExecutionResult>
  callSubgraph: (subgraph: Subgraph, request: FetchRequest, operation: Operation) => Promise<SubgraphResult>
  streams: Streams
  wall: WallClock
  log: Log
}

/**
 * Executes each event of a subscription in a context of its own. The router by itself keeps one for
 * all events: errors of an event would show again in every later one, and an event without data
 * would repeat the data of the one before. So it executes once to find the source, and then for
 * every event with that event as the source's answer.
 */
export function subscriptions({ executeOnce, callSubgraph, streams, wall, log }: SubscriptionsOptions): Subscribe {
  return async (request, operation) => {
    let source: AsyncIterator<ExecutionResult> | undefined
    const refusal = await executeOnce(request, {
      operation,
      async answerSubscription(owner, fetch) {
        const result = await callSubgraph(owner, fetch, operation)
        if (!(Symbol.asyncIterator in result)) return result
        source = result[Symbol.asyncIterator]()
        return {}
      },
    })
    if (!source) return refusal

    const failure = (error: unknown) => ({ errors: presentErrors([error], operation, log) })
    const { signal, caller } = operation
    let forget = () => {}
    const stream = eventStream({
      source,
      async complete(event) {
        const result = await executeOnce(request, { operation, answerSubscription: () => event })
        count('sluice_subscription_events_delivered_total', {})
        return result
      },
      failure,
      wall,
      onEnd() {
        forget()
        signal.removeEventListener('abort', leave)
      },
    })
    const leave = () => stream.end()
    try {
      forget = streams.add({
        expiresAtMs: caller.identity.expiresAtMs,
        payer: payerOf(caller.identity),
        untakenSinceMs: () => stream.untakenSinceMs(),
        fail: (reason) => stream.end(failure(reason)),
      })
    } catch (error) {
      stream.end()
      return failure(error)
    }
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    return stream
  }
}
