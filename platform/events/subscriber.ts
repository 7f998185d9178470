import type { SubgraphName } from '../link/protocol.ts'
import { count, record, secondsSince } from '../telemetry/metrics.ts'
import type { LoggedEvent, NewEvent } from './events.ts'

/** A bounded buffer between the log's reader and one subscriber. */
export interface Subscriber {
  readonly overflowed: boolean
  offer(event: LoggedEvent): void
  /** There were events that can be offered no more. */
  overflow(): void
  restart(): void
  take(signal: AbortSignal): Promise<LoggedEvent | 'overflowed'>
}

interface SubscriberOptions {
  subgraph: SubgraphName
  /** null: every stream. */
  tenantId: string | null
  accepts: (event: NewEvent) => boolean
  /** Events. */
  capacity: number
}

export function createSubscriber({ subgraph, tenantId, accepts, capacity }: SubscriberOptions): Subscriber {
  let buffer: { event: LoggedEvent; offeredMs: number }[] = []
  let overflowed = false
  let wake: () => void = () => {}

  function overflow(): void {
    overflowed = true
    buffer = []
    wake()
  }

  return {
    get overflowed() {
      return overflowed
    },
    overflow,
    offer(event) {
      if (overflowed || (tenantId !== null && event.tenantId !== tenantId) || !accepts(event)) return
      if (buffer.length >= capacity) {
        count('sluice_subscription_events_dropped_total', { subgraph }, buffer.length + 1)
        return overflow()
      }
      buffer.push({ event, offeredMs: performance.now() })
      wake()
    },
    restart() {
      overflowed = false
      buffer = []
    },
    async take(signal) {
      while (!overflowed && buffer.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      const next = buffer.shift()
      if (next === undefined) return 'overflowed'
      record('sluice_subscription_lag_seconds', { subgraph }, secondsSince(next.offeredMs))
      return next.event
    },
  }
}
