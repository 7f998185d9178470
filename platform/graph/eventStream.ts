import assert from 'node:assert/strict'
import type { ExecutionResult } from 'graphql'
import type { WallClock } from '../clock.ts'

export interface EventStream extends AsyncGenerator<ExecutionResult, void, void> {
  /** Ends the stream at once: the client gets `last`, where given, and then the end. */
  end(last?: ExecutionResult): void
  /** Since when a result waits to be taken; null: none does. */
  untakenSinceMs(): number | null
}

interface EventStreamOptions<Event> {
  /** Its return() has to work while a next() is pending. */
  source: AsyncIterator<Event>
  /** Makes a result of one event. Called for one event after the other. */
  complete: (event: Event) => Promise<ExecutionResult>
  /** What the client is told where the source or `complete` fails. */
  failure: (error: unknown) => ExecutionResult
  wall: WallClock
  onEnd: () => void
}

const DONE = { done: true, value: undefined } as const

/**
 * Pulls an event when the client asks for one, so a slow client never makes this side pile up events;
 * the subgraph's bounded buffer decides when it has lagged. Unlike an async generator it can be ended
 * while it waits for an event, and it ends its source with it.
 */
export function eventStream<Event>({ source, complete, failure, wall, onEnd }: EventStreamOptions<Event>): EventStream {
  let ended = false
  let last: ExecutionResult | undefined
  /** The client asks for the next result when it has taken the one before. */
  let deliveredAtMs: number | null = null
  let deliver: ((result: IteratorResult<ExecutionResult, void>) => void) | undefined

  function end(result?: ExecutionResult) {
    if (ended) return
    ended = true
    if (deliver) settle(result ? { done: false, value: result } : DONE)
    else last = result
    onEnd()
    // The source is only told: nobody waits for what it does on leaving.
    source.return?.().catch(() => {})
  }

  function settle(result: IteratorResult<ExecutionResult, void>) {
    const waiting = deliver
    deliver = undefined
    deliveredAtMs = wall.nowMs()
    waiting?.(result)
  }

  async function pull() {
    try {
      const event = await source.next()
      if (event.done) return end()
      const result = await complete(event.value)
      if (!ended) settle({ done: false, value: result })
    } catch (error) {
      end(failure(error))
    }
  }

  return {
    next() {
      deliveredAtMs = null
      if (last) {
        const value = last
        last = undefined
        return Promise.resolve({ done: false, value })
      }
      if (ended) return Promise.resolve(DONE)
      assert(!deliver, 'one event is asked for at a time')
      return new Promise((resolve) => {
        deliver = resolve
        void pull()
      })
    },
    async return() {
      end()
      return DONE
    },
    async throw(error) {
      end()
      throw error
    },
    end,
    untakenSinceMs: () => deliveredAtMs,
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      end()
    },
  }
}
