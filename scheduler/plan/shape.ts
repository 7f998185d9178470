import type { Place } from '../model/assignment.ts'
import { type Gang, gpuThousandths, type PodRequest } from '../model/gang.ts'
import { type NodeSpec, WHOLE_DEVICE } from '../model/node.ts'
import { podsWithin } from '../model/others.ts'
import type { Amounts } from '../model/queue.ts'
import { bitCount } from './bits.ts'
import { at, type Capacity, type FlavorRows } from './capacity.ts'
import { eligibleDevices, NOT_ELIGIBLE } from './eligible.ts'
import { countSlots, placeSlots, slotsOnRow } from './place.ts'
import { placeApart } from './placeApart.ts'
import { domainsToTry, type Hole, largestHole, type Nearness, placeNear } from './placeNear.ts'
import { RuledRows } from './ruledRows.ts'
import type { Search } from './search.ts'
import { takePlaces } from './takePlaces.ts'

/** One kind of gang against the capacity there is, remembering what searches that failed have seen. */
export class Shape {
  readonly gang: Gang
  /** What the whole gang counts against quotas. */
  readonly amounts: Amounts
  readonly #capacity: Capacity
  readonly #search: Search
  readonly #eligible: Eligibility
  readonly #shortfalls = new Map<string, Shortfall>()
  /** Up to which position of `grown` the shortfalls know it, and of which rows and nodes. */
  #seen = { generation: -1, specVersion: -1, grown: 0 }
  #flavors: { specVersion: number; list: readonly MatchingFlavor[] } = { specVersion: -1, list: [] }

  constructor(gang: Gang, capacity: Capacity, search: Search, eligible: Eligibility) {
    this.gang = gang
    this.#capacity = capacity
    this.#search = search
    this.#eligible = eligible
    this.amounts = {
      GPU: gang.slots * gpuThousandths(gang.pod),
      CPU: gang.slots * gang.pod.cpuMilli,
      MEMORY: gang.slots * gang.pod.memoryMiB,
    }
  }

  /** Flavors with a node that may take the pods, in the order in which they are tried. */
  flavors(): readonly MatchingFlavor[] {
    const { specVersion } = this.#capacity
    if (this.#flavors.specVersion !== specVersion) {
      this.#flavors = { specVersion, list: matchingFlavors(this.#capacity, this.gang, this.#eligible.masks()) }
    }
    return this.#flavors.list
  }

  /**
   * These flavors in the order in which they should be tried now: smallest devices first, as large ones
   * are dear and some jobs need them; of flavors alike in that, where the first pod takes least room.
   */
  preferred(flavors: readonly MatchingFlavor[]): readonly MatchingFlavor[] {
    const isTie = flavors.some((flavor, i) => flavor.deviceMemoryMiB === flavors[i + 1]?.deviceMemoryMiB)
    if (!isTie) return flavors
    const masks = this.#eligible.masks()
    const losses = new Map<MatchingFlavor, number>()
    for (const flavor of flavors) losses.set(flavor, this.#search.leastLoss(flavor.rows, this.gang, masks))
    const lossOf = (flavor: MatchingFlavor) => losses.get(flavor) ?? 0
    // Infinity less Infinity is no number: those that hold none keep their order.
    return flavors.toSorted((a, b) => a.deviceMemoryMiB - b.deviceMemoryMiB || lossOf(a) - lossOf(b) || 0)
  }

  /** False where the gang does not fit into the flavor now, as far as that is known without a search. */
  mayFit(flavor: MatchingFlavor): boolean {
    // What rules about pods allow may change wherever others come or go.
    if (this.#isRuled) return true
    this.#lookAtGrown()
    const shortfall = this.#shortfalls.get(flavor.rows.name)
    if (shortfall === undefined) return true
    const { rows } = shortfall
    let { held } = shortfall
    for (let i = rows.length - 1; i >= 0; i--) {
      const slots = this.slotsOn(rows[i] as number)
      held += slots
      if (held >= this.gang.slots) return true
      // Full again: if anything becomes free there, the row comes back.
      if (slots === 0) {
        rows[i] = rows[rows.length - 1] as number
        rows.pop()
      }
    }
    return false
  }

  /** Whether there are places for every slot, by a search. */
  fits({ rows }: Pick<MatchingFlavor, 'rows'>): boolean {
    if (this.#isRuled) return this.#fitsByRules(rows)
    return this.#held(rows) >= this.gang.slots
  }

  /** Takes a place for every slot. @returns null, with nothing taken, where they do not fit */
  place(flavor: MatchingFlavor): Place[] | null {
    if (!this.mayFit(flavor)) return null
    const { rows } = flavor
    if (this.#isRuled) return this.#placeByRules(rows)
    const held = this.#held(rows)
    if (held < this.gang.slots) {
      this.#shortfalls.set(rows.name, { held, rows: [] })
      return null
    }
    this.#shortfalls.delete(rows.name)
    return this.#placeIn(rows)
  }

  /** As `place`, amid a question of what would be: what it finds is not remembered, nor what was found before asked. */
  placeUnremembered({ rows }: Pick<MatchingFlavor, 'rows'>): Place[] | null {
    if (this.#isRuled) return this.#placeByRules(rows)
    return this.fits({ rows }) ? this.#placeIn(rows) : null
  }

  /** Takes exactly these places. @returns false, with nothing taken, where they are not free or not of that kind */
  placeAt({ rows }: MatchingFlavor, places: readonly Place[]): boolean {
    const at = places.map(({ node }) => this.#capacity.rowOf(node) ?? -1)
    if (places.length !== this.gang.slots || !at.every((row) => row >= rows.from && row < rows.to)) return false
    const required = this.#nearness()?.required ?? -1
    if (required >= 0 && !this.#capacity.domains.isOne(required, at)) return false
    return takePlaces(this.#capacity, places, this.gang.pod, this.#eligible.masks(), this.#rules())
  }

  /** What the domain of the required level that holds most holds now; null where none is required. */
  largestHole({ rows }: Pick<MatchingFlavor, 'rows'>): Hole | null {
    const nearness = this.#nearness()
    if (nearness === null || nearness.required < 0) return null
    return largestHole(this.#capacity, rows, this.gang, this.#eligible.masks(), nearness)
  }

  /** Of several flavors. */
  largestOf(flavors: readonly MatchingFlavor[]): { flavor: string; domain: readonly string[]; slots: number } | null {
    let largest: { flavor: string; domain: readonly string[]; slots: number } | null = null
    for (const { rows } of flavors) {
      const hole = this.largestHole({ rows })
      if (hole?.domain && (largest === null || hole.slots > largest.slots))
        largest = { flavor: rows.name, domain: hole.domain.path, slots: hole.slots }
    }
    return largest
  }

  /** Slots that the flavor holds, however far from one another; counting ends when there are enough. */
  heldAnywhere(rows: FlavorRows): number {
    return countSlots(this.#capacity, rows, this.gang, this.#eligible.masks())
  }

  /** Whether there is room, but not where rules about pods let its pods be. */
  isKeptByRules({ rows }: MatchingFlavor): boolean {
    return this.#isRuled && this.#held(rows) >= this.gang.slots && !this.#fitsByRules(rows)
  }

  /** Slots that the flavor holds, where it is required in one domain. */
  #held(rows: FlavorRows): number {
    return this.largestHole({ rows })?.slots ?? this.heldAnywhere(rows)
  }

  #placeIn(rows: FlavorRows): Place[] | null {
    const nearness = this.#nearness()
    const masks = this.#eligible.masks()
    if (nearness === null) return placeSlots(this.#capacity, this.#search, rows, this.gang, this.gang.slots, masks)
    return placeNear(this.#capacity, this.#search, rows, this.gang, masks, nearness)
  }

  /** Whether it matters to its pods which others there are, or to others. */
  get #isRuled(): boolean {
    const { rules } = this.gang.pod
    if (rules === undefined) return false
    return rules.spread.length > 0 || rules.mark.antiAffinity.length > 0 || this.#capacity.marks.hasCarriers
  }

  #rules(): RuledRows | null {
    const { rules } = this.gang.pod
    return rules !== undefined && this.#isRuled ? new RuledRows(this.#capacity, rules, this.#eligible.masks()) : null
  }

  #fitsByRules(rows: FlavorRows): boolean {
    const { mark } = this.#capacity
    const places = this.#placeByRules(rows)
    this.#capacity.undo(mark)
    return places !== null
  }

  /** @returns null, with nothing taken, where they do not fit */
  #placeByRules(rows: FlavorRows): Place[] | null {
    const masks = this.#eligible.masks()
    const { mark } = this.#capacity
    for (const domain of domainsToTry(this.#capacity, rows, this.gang, masks, this.#nearness())) {
      const places = placeApart(this.#capacity, this.#search, domain, this.gang, this.gang.slots, masks, this.#rules())
      if (places !== null) return places
      this.#capacity.undo(mark)
    }
    return null
  }

  #nearness(): Nearness | null {
    return nearnessOf(this.gang, this.#capacity)
  }

  #lookAtGrown(): void {
    const { generation, specVersion, grown } = this.#capacity
    const seen = this.#seen
    const isVoid = generation !== seen.generation || specVersion !== seen.specVersion || seen.grown < grown.start
    if (isVoid) this.#shortfalls.clear()
    else if (this.#shortfalls.size > 0) {
      for (let position = seen.grown; position < grown.end; position++) {
        this.#noteGrown(grown.at(position))
      }
    }
    if (isVoid) this.#seen = { generation, specVersion, grown: grown.end }
    else seen.grown = grown.end
  }

  #noteGrown(row: number): void {
    const flavor = this.#capacity.states[row]?.spec.flavor ?? ''
    const rows = this.#shortfalls.get(flavor)?.rows
    if (rows === undefined) return
    rows.push(row)
    // So many that a search costs less than looking at them.
    if (rows.length > this.#capacity.states.length) this.#shortfalls.delete(flavor)
  }

  /** How many more such pods the row could take. */
  slotsOn(row: number): number {
    return slotsOnRow(this.#capacity, row, this.gang.pod, at(this.#eligible.masks(), row))
  }
}

/**
 * Why a flavor did not hold the gang. Until something becomes free it cannot; after that at most `held`
 * slots and what the rows that grew hold now.
 */
interface Shortfall {
  /** Slots that the flavor held when it was searched. */
  readonly held: number
  /** Rows that grew since; one may be there twice, which makes the bound looser and never wrong. */
  readonly rows: number[]
}

export interface MatchingFlavor {
  readonly rows: FlavorRows
  /** Slots of the gang's kind that its nodes, or those of one domain, would hold with nothing else on them, all of them up. */
  readonly slotsWhenEmpty: number
  /** Of the domain that would hold most; empty where none is required, or where none would do. */
  readonly largestDomain: readonly string[]
  /** Of its largest device; 0 where it has none. */
  readonly deviceMemoryMiB: number
}

/** Which devices of which rows may serve such pods: one answer for all shapes that are alike in it. */
export class Eligibility {
  readonly #capacity: Capacity
  readonly #pod: PodRequest
  #specVersion = -1
  #masks = new Int32Array(0)

  constructor(capacity: Capacity, pod: PodRequest) {
    this.#capacity = capacity
    this.#pod = pod
  }

  /** By row: see eligibleDevices. */
  masks(): Int32Array {
    if (this.#specVersion !== this.#capacity.specVersion) {
      const { specVersion, states, shareEnforcements } = this.#capacity
      this.#specVersion = specVersion
      this.#masks = Int32Array.from(states, ({ spec }) => eligibleDevices(spec, this.#pod, shareEnforcements))
    }
    return this.#masks
  }
}

/** Pods without GPUs leave GPU pools for last; the others try the pool with the smallest devices first. */
function matchingFlavors(capacity: Capacity, gang: Gang, masks: Int32Array): MatchingFlavor[] {
  const found: MatchingFlavor[] = []
  const required = nearnessOf(gang, capacity)?.required ?? -1
  for (const rows of capacity.flavors) {
    const slots = new Map<number, number>()
    let deviceMemoryMiB = 0
    for (let row = rows.from; row < rows.to; row++) {
      const mask = at(masks, row)
      const spec = capacity.states[row]?.spec
      if (mask === NOT_ELIGIBLE || spec === undefined) continue
      slots.set(row, slotsOnEmptyNode(spec, gang.pod, mask))
      for (const device of spec.devices) deviceMemoryMiB = Math.max(deviceMemoryMiB, device.memoryMiB)
    }
    if (slots.size > 0) found.push({ rows, deviceMemoryMiB, ...whenEmpty(capacity, rows, required, slots) })
  }
  return found.sort((a, b) => a.deviceMemoryMiB - b.deviceMemoryMiB || (a.rows.name < b.rows.name ? -1 : 1))
}

/** @param slots by row */
function whenEmpty(capacity: Capacity, rows: FlavorRows, required: number, slots: ReadonlyMap<number, number>) {
  if (required < 0) return { slotsWhenEmpty: sumIn(rows, slots), largestDomain: [] }
  let largest: { slotsWhenEmpty: number; largestDomain: readonly string[] } = { slotsWhenEmpty: 0, largestDomain: [] }
  for (const domain of capacity.domains.within(rows, required)) {
    const slotsWhenEmpty = sumIn(domain, slots)
    if (slotsWhenEmpty > largest.slotsWhenEmpty) largest = { slotsWhenEmpty, largestDomain: domain.path }
  }
  return largest
}

function sumIn({ from, to }: FlavorRows, byRow: ReadonlyMap<number, number>): number {
  let sum = 0
  for (let row = from; row < to; row++) sum += byRow.get(row) ?? 0
  return sum
}

/** Null where it does not matter how near to one another its pods are. */
function nearnessOf({ topology }: Gang, { domains }: Capacity): Nearness | null {
  if (topology === undefined) return null
  return { required: domains.levelOf(topology.required), preferred: domains.levelOf(topology.preferred) }
}

function slotsOnEmptyNode(spec: NodeSpec, pod: PodRequest, mask: number): number {
  let slots = Math.min(spec.pods, podsWithin(spec.others, pod.others))
  if (pod.cpuMilli > 0) slots = Math.min(slots, Math.floor(spec.cpuMilli / pod.cpuMilli))
  if (pod.memoryMiB > 0) slots = Math.min(slots, Math.floor(spec.memoryMiB / pod.memoryMiB))
  if (pod.gpu === null) return slots
  const devices = bitCount(mask)
  if (pod.gpu.thousandths === WHOLE_DEVICE) return Math.min(slots, Math.floor(devices / pod.gpu.count))
  return Math.min(slots, devices * Math.floor(WHOLE_DEVICE / pod.gpu.thousandths))
}
