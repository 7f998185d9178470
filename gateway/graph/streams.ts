import type { GraphQLError } from 'graphql'
import type { WallClock } from '../../platform/clock.ts'
import { refuse } from '../../platform/graph/errors.ts'

/** An open subscription, as far as the gateway decides when it ends. */
export interface OpenStream {
  /** When the token it was opened with expires. */
  expiresAtMs: number
  /** Tells the client why, and ends the stream. */
  fail(reason: GraphQLError): void
}

/** All open subscriptions of the gateway. */
export interface Streams {
  /**
   * @returns forgets the stream; to be called when it has ended
   * @throws GraphQLError TOO_MANY_SUBSCRIPTIONS
   */
  add(stream: OpenStream): () => void
  /** Ends every stream and admits no more. */
  close(): void
}

interface StreamsOptions {
  wall: WallClock
  /** Streams open at a time, over all clients. */
  capacity: number
  /** How often tokens are looked at: the most a stream outlives its token. */
  sweepMs: number
}

/** One timer looks at all tokens: a timer for each stream would not see the wall clock being set. */
export function createStreams({ wall, capacity, sweepMs }: StreamsOptions): Streams {
  const open = new Set<OpenStream>()
  let closed = false

  const sweep = setInterval(() => {
    const nowMs = wall.nowMs()
    for (const stream of [...open]) if (stream.expiresAtMs <= nowMs) stream.fail(tokenExpired())
  }, sweepMs)
  sweep.unref()

  return {
    add(stream) {
      if (closed) throw goingAway()
      if (open.size >= capacity) {
        throw refuse(
          'TOO_MANY_SUBSCRIPTIONS',
          `${capacity} subscriptions are open, which is all there may be; try again in a while.`,
        )
      }
      open.add(stream)
      return () => open.delete(stream)
    },
    close() {
      closed = true
      clearInterval(sweep)
      for (const stream of [...open]) stream.fail(goingAway())
    },
  }
}

function tokenExpired(): GraphQLError {
  return refuse('TOKEN_EXPIRED', 'The token has expired; resume with a new one after the last cursor.')
}

function goingAway(): GraphQLError {
  return refuse('GOING_AWAY', 'The gateway is stopping; resume after the last cursor once it is back.')
}
