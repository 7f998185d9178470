import type { Place } from '../model/assignment.ts'
import type { Gang } from '../model/gang.ts'
import { at, type Capacity, type FlavorRows } from './capacity.ts'
import type { Domain } from './domains.ts'
import { placeSlots, slotsOnRow } from './place.ts'
import type { Search } from './search.ts'

/** Levels by position: within one domain of `required`, and of `preferred` or as near it as can be; -1: no matter. */
export interface Nearness {
  readonly required: number
  readonly preferred: number
}

/** What of a gang one domain of the required level holds. */
export interface Hole {
  readonly slots: number
  /** null: no node that would do is in any. */
  readonly domain: Domain | null
}

/** The domain of the required level that holds most. */
export function largestHole(
  capacity: Capacity,
  flavor: FlavorRows,
  gang: Gang,
  eligible: Int32Array,
  { required }: Nearness,
): Hole {
  let largest: Hole = { slots: 0, domain: null }
  for (const domain of capacity.domains.within(flavor, required)) {
    const slots = slotsIn(capacity, domain, gang, eligible)
    if (slots > largest.slots || largest.domain === null) largest = { slots, domain }
  }
  return largest
}

/**
 * Takes a place for every slot in the smallest domain that holds the gang, and within it in as few domains of the
 * levels inside as can be; among domains that hold it, the one with least room for more of its kind.
 * @returns null, with nothing taken, where no domain of the required level holds it
 */
export function placeNear(
  capacity: Capacity,
  search: Search,
  flavor: FlavorRows,
  gang: Gang,
  eligible: Int32Array,
  { required, preferred }: Nearness,
): Place[] | null {
  for (let level = Math.max(required, preferred); level >= Math.max(0, required); level--) {
    const domain = tightest(countIn(capacity, capacity.domains.within(flavor, level), gang, eligible), gang.slots)
    if (domain !== undefined) return fill(domain, level, gang.slots)
  }
  const isAnywhere = required < 0 && slotsIn(capacity, flavor, gang, eligible) >= gang.slots
  return isAnywhere ? fill(flavor, -1, gang.slots) : null

  function fill(rows: FlavorRows, level: number, slots: number): Place[] {
    const places: Place[] = []
    let inside = countIn(capacity, capacity.domains.within(rows, level + 1), gang, eligible)
    while (places.length < slots && inside.length > 0) {
      const left = slots - places.length
      // The last of several is the tightest; those before it are filled, the largest first.
      const last = tightest(inside, left)
      const [largest] = inside
      const next = last ?? largest?.domain
      if (next === undefined) break
      places.push(...fill(next, level + 1, last === undefined ? (largest?.slots ?? 0) : left))
      inside = inside.filter(({ domain }) => domain !== next)
    }
    // Where there are no more levels, and on nodes that lack the label of the next.
    if (places.length < slots) places.push(...placeSlots(capacity, search, rows, gang, slots - places.length, eligible))
    return places
  }
}

/** Rows that hold the gang, the nearest to one another first, as far out as it may go. */
export function domainsToTry(
  capacity: Capacity,
  flavor: FlavorRows,
  gang: Gang,
  eligible: Int32Array,
  nearness: Nearness | null,
): FlavorRows[] {
  const { required, preferred } = nearness ?? { required: -1, preferred: -1 }
  const found: FlavorRows[] = []
  for (let level = Math.max(required, preferred); level >= Math.max(0, required); level--) {
    const counted = countIn(capacity, capacity.domains.within(flavor, level), gang, eligible).toReversed()
    found.push(...counted.filter(({ slots }) => slots >= gang.slots).map(({ domain }) => domain))
  }
  if (required < 0 && slotsIn(capacity, flavor, gang, eligible) >= gang.slots) found.push(flavor)
  return found
}

interface Counted {
  readonly domain: Domain
  readonly slots: number
}

/** Domains that hold any of it, most first. */
function countIn(capacity: Capacity, domains: readonly Domain[], gang: Gang, eligible: Int32Array): Counted[] {
  return domains
    .map((domain) => ({ domain, slots: slotsIn(capacity, domain, gang, eligible) }))
    .filter(({ slots }) => slots > 0)
    .sort((a, b) => b.slots - a.slots || a.domain.from - b.domain.from)
}

/** The domain that holds so many with least to spare. */
function tightest(counted: readonly Counted[], slots: number): Domain | undefined {
  let best: Counted | undefined
  for (const each of counted)
    if (each.slots >= slots && each.slots < (best?.slots ?? Number.POSITIVE_INFINITY)) best = each
  return best?.domain
}

/** All slots of the gang's kind that the rows hold, more than it has too. */
function slotsIn(capacity: Capacity, { from, to }: FlavorRows, { pod }: Gang, eligible: Int32Array): number {
  let slots = 0
  for (let row = from; row < to; row++) slots += slotsOnRow(capacity, row, pod, at(eligible, row))
  return slots
}
