import type { FactsFeed } from '../../../platform/facts/facts.ts'
import type { FactKind, Facts } from '../../../platform/facts/kinds.ts'
import type { FeedEntry } from '../../../platform/feeds/feeds.ts'
import type { Json } from '../../../platform/json.ts'

/** Another subgraph as far as its facts go, in memory. */
export interface FactsSource extends FactsFeed {
  publish<K extends FactKind>(kind: K, tenantId: string | null, fact: Facts[K]): void
  /** From now on it answers nobody. */
  goAway(): void
}

export function factsSource(): FactsSource {
  /** By key: a feed holds the newest of each, at the position of its last change. */
  const entries = new Map<string, FeedEntry>()
  let published = 0
  const listeners = new Set<() => void>()
  let isAway = false
  const numberOf = (position: string) => Number(position.split('.')[1])
  const answer = <T>(value: T) => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(value))
  return {
    head: () => answer(published === 0 ? '0.0' : `1.${published}`),
    read: (after, limit) => {
      const from = after === undefined ? 0 : numberOf(after)
      const page = [...entries.values()].filter(({ position }) => numberOf(position) > from).slice(0, limit)
      return answer({ entries: page, position: page.at(-1)?.position ?? after ?? '0.0', isMoreComing: false })
    },
    onChange(run) {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    publish(kind, tenantId, fact) {
      published += 1
      const key = `${kind} ${fact.id}`
      entries.delete(key)
      entries.set(key, { kind, key: fact.id, tenantId, body: fact as unknown as Json, position: `1.${published}` })
      for (const run of listeners) run()
    },
    goAway() {
      isAway = true
    },
  }
}
