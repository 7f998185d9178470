import type { ExecutionResult, GraphQLError } from 'graphql'
import { tooSlow } from './away.ts'

/** Results that a socket pushes, for a reader who pulls; it can be left while it waits. */
export interface RemoteStream extends AsyncGenerator<ExecutionResult, void, void> {
  push(result: ExecutionResult): void
  /** What came is still read; then it ends. */
  end(): void
  /** What came is still read; then the reader is told why there is no more. Later calls change nothing. */
  fail(reason: GraphQLError): void
}

/** As many as the event hub keeps for a slow subscriber. */
const CAPACITY = 1_000
const DONE = { done: true, value: undefined } as const

export function createRemoteStream({ onEnd }: { onEnd(): void }): RemoteStream {
  const results: ExecutionResult[] = []
  let ended = false
  let wake = () => {}

  function end(last?: ExecutionResult) {
    if (ended) return
    ended = true
    if (last) results.push(last)
    wake()
    onEnd()
  }

  const stream: RemoteStream = {
    push(result) {
      if (ended) return
      // The socket is everybody's and cannot wait for one reader.
      if (results.length >= CAPACITY) return stream.fail(tooSlow())
      results.push(result)
      wake()
    },
    end: () => end(),
    fail: (reason) => end({ errors: [reason] }),
    async next() {
      for (;;) {
        const value = results.shift()
        if (value) return { done: false, value }
        if (ended) return DONE
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async return() {
      results.length = 0
      end()
      return DONE
    },
    async throw(error) {
      await stream.return()
      throw error
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await stream.return()),
  }
  return stream
}
