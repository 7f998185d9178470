import type { Place } from '../model/assignment.ts'
import type { Gang } from '../model/gang.ts'
import type { Capacity, FlavorRows } from './capacity.ts'
import { takeOn } from './place.ts'
import type { RuledRows } from './ruledRows.ts'
import type { Search } from './search.ts'

/**
 * Takes places for so many slots one by one: where the rules let the next pod be, and of a gang that is spread to a
 * row with fewest of its own pods.
 * @returns null where one finds none, and then some may have been taken
 */
export function placeApart(
  capacity: Capacity,
  search: Search,
  rows: FlavorRows,
  gang: Gang,
  slots: number,
  eligible: Int32Array,
  rules: RuledRows | null,
): Place[] | null {
  const own = new Map<number, number>()
  const places: Place[] = []
  let most = gang.isSpread ? 0 : Number.POSITIVE_INFINITY
  while (places.length < slots) {
    const limit = most
    const allows = (row: number) => (own.get(row) ?? 0) <= limit && (rules === null || rules.allows(row))
    const row = search.bestRow(rows, gang, eligible, allows)
    if (row === undefined) {
      if (most >= slots) return null
      most += 1
      continue
    }
    places.push(takeOn(capacity, search, row, gang, eligible))
    own.set(row, (own.get(row) ?? 0) + 1)
    rules?.take(row)
  }
  return places
}
