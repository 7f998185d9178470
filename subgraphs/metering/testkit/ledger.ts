import type { Observation } from '../../../platform/link/protocol.ts'
import { DEFAULT_PRICES } from '../domain/defaultPrices.ts'
import type { Interval } from '../domain/interval.ts'
import { meterBatch } from '../domain/meterBatch.ts'
import { sightingOf } from '../domain/sighting.ts'

/** The ledger without a database: every interval in memory, every one known to every batch. */
export class MemoryLedger {
  readonly #intervals = new Map<string, Interval>()

  /** @returns how many intervals the batch changed */
  apply(records: readonly Observation[]): number {
    const sightings = records.map(sightingOf).filter((sighting) => sighting !== null)
    const { changed } = meterBatch([...this.#intervals.values()], sightings, [DEFAULT_PRICES])
    for (const interval of changed) {
      const key = `${interval.podUid}/${interval.ordinal}`
      if (this.#intervals.get(key)?.state === 'CLOSED') throw new Error(`closed interval ${key} was changed`)
      this.#intervals.set(key, interval)
    }
    return changed.length
  }

  intervals(): Interval[] {
    return [...this.#intervals.values()]
  }
}

/** The instants of a device at which more than all of it is held, by adding up share after share; open ones hold on. */
export function overheld(intervals: readonly Interval[]): string[] {
  return [...Map.groupBy(intervals, ({ device }) => device)].flatMap(([device, on]) => {
    if (device === null) return []
    const spans = on
      .filter(({ startSeconds }) => startSeconds !== null)
      .map(({ startSeconds, endSeconds, share }) => ({
        start: Number(startSeconds),
        end: endSeconds ?? Infinity,
        share: Math.round(Number(share) * 1_000_000),
      }))
    return spans
      .map(({ start }) => start)
      .filter((instant) => {
        const held = spans.filter(({ start, end }) => start <= instant && instant < end)
        return held.reduce((sum, { share }) => sum + share, 0) > 1_000_000
      })
      .map((instant) => `${device}@${instant}`)
  })
}
