import type { GraphQLError } from 'graphql'
import type { WallClock } from '../../platform/clock.ts'
import { refuse } from '../../platform/graph/errors.ts'
import { sampled } from '../../platform/telemetry/metrics.ts'
import type { GatewayLimits } from '../limits.ts'

/** An open subscription, as far as the gateway decides when it ends. */
export interface OpenStream {
  /** When the token it was opened with expires. */
  expiresAtMs: number
  /** Whose share of streams it takes. */
  payer: string
  /** Since when a result waits to be taken by the client; null: none does. */
  untakenSinceMs(): number | null
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
  limits: GatewayLimits
}

/** One timer looks at all streams: a timer for each would not see the wall clock being set. */
export function createStreams({ wall, limits }: StreamsOptions): Streams {
  const open = new Set<OpenStream>()
  const openOf = new Map<string, number>()
  let closed = false
  const endCount = sampled('sluice_subscriptions_active', (sample) => sample(open.size, {}))

  const sweep = setInterval(() => {
    const nowMs = wall.nowMs()
    for (const stream of [...open]) {
      if (stream.expiresAtMs <= nowMs) stream.fail(tokenExpired())
      else if (nowMs - (stream.untakenSinceMs() ?? nowMs) > limits.resultTakenWithinMs) stream.fail(tooSlow())
    }
  }, limits.streamSweepMs)
  sweep.unref()

  return {
    add(stream) {
      if (closed) throw goingAway()
      const own = openOf.get(stream.payer) ?? 0
      if (own >= limits.subscriptionsPerTenant)
        throw tooMany(`You have ${own} subscriptions open, which is all you may; end some of them first.`)
      if (open.size >= limits.subscriptions)
        throw tooMany(`${open.size} subscriptions are open, which is all there may be; try again in a while.`)
      open.add(stream)
      openOf.set(stream.payer, own + 1)
      return () => {
        if (!open.delete(stream)) return
        const left = (openOf.get(stream.payer) ?? 1) - 1
        if (left > 0) openOf.set(stream.payer, left)
        else openOf.delete(stream.payer)
      }
    },
    close() {
      closed = true
      endCount()
      clearInterval(sweep)
      for (const stream of [...open]) stream.fail(goingAway())
    },
  }
}

function tokenExpired(): GraphQLError {
  return refuse('TOKEN_EXPIRED', 'The token has expired; resume with a new one after the last cursor.')
}

function tooMany(message: string): GraphQLError {
  return refuse('TOO_MANY_SUBSCRIPTIONS', message)
}

function tooSlow(): GraphQLError {
  return refuse('TOO_SLOW', 'You took too long with a result; resume after the last cursor.')
}

function goingAway(): GraphQLError {
  return refuse('GOING_AWAY', 'The gateway is stopping; resume after the last cursor once it is back.')
}
