import type { FactsFeed } from '../../facts/facts.ts'
import type { FeedPage } from '../../feeds/feeds.ts'
import { backoffMs, pause, type Timers } from '../../timers.ts'
import { FACTS_PATH, type FactsChanges, type FactsRead, type FactsVerb } from '../host/paths.ts'
import type { Peer } from './peer.ts'

const WAIT_MS = 20_000
const RETRY_BASE_MS = 100
const RETRY_MAX_MS = 1_000

/** Another subgraph's facts. One held request tells all who wait that there are new ones. */
export function remoteFacts(peer: Peer, timers: Timers): FactsFeed & { close(): void } {
  const listeners = new Set<() => void>()
  const closing = new AbortController()
  let watching = false

  const ask = <T>(verb: FactsVerb, body: unknown, signal?: AbortSignal) => peer.call<T>(FACTS_PATH + verb, body, signal)

  async function watch(): Promise<void> {
    let since = ''
    for (let failures = 0; !closing.signal.aborted; ) {
      try {
        const body: FactsChanges = { since, waitMs: WAIT_MS }
        const head = await ask<string>('changes', body, closing.signal)
        failures = 0
        if (head === since) continue
        since = head
        for (const run of [...listeners]) run()
      } catch {
        failures += 1 // whoever reads the feed logs why
        await pause(timers, backoffMs(failures, RETRY_BASE_MS, RETRY_MAX_MS, Math.random), closing.signal)
      }
    }
  }

  return {
    head: () => ask<string>('head', null),
    read(after, limit) {
      const body: FactsRead = { after: after ?? null, limit }
      return ask<FeedPage>('read', body)
    },
    onChange(run) {
      listeners.add(run)
      if (!watching) void watch()
      watching = true
      return () => listeners.delete(run)
    },
    close: () => closing.abort(),
  }
}
