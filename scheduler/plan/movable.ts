import type { Place } from '../model/assignment.ts'
import { type Gang, gpuThousandths } from '../model/gang.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import { protectedUntil, type RunningJob } from '../model/running.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { releasePlaces } from './holdings.ts'
import type { Ground } from './memo.ts'
import type { MatchingFlavor, Shape } from './shape.ts'

/** A job that has been found other places. */
export interface Displaced {
  readonly job: RunningJob
  readonly from: readonly Place[]
  readonly to: readonly Place[]
}

/** A job that could be moved, with what that takes. */
export interface Mover {
  readonly job: RunningJob
  readonly gang: Gang
  readonly from: readonly Place[]
  readonly shape: Shape
  readonly flavor: MatchingFlavor
  readonly lostGpuSeconds: number
}

/** Running jobs that may be moved, by the rows on which they are. */
export class Movable {
  readonly #ground: Ground
  readonly #nowMs: number
  readonly #byRow = new Map<number, Mover[]>()

  constructor(ground: Ground, { running }: Snapshot, nowMs: number) {
    this.#ground = ground
    this.#nowMs = nowMs
    for (const job of [...running.values()].sort((a, b) => (a.uid < b.uid ? -1 : 1))) {
      const mover = this.#moverOf(job)
      if (mover === null) continue
      for (const node of new Set(job.held.map((each) => each.node))) {
        const row = ground.memo.capacity.rowOf(node)
        if (row !== undefined) this.#byRow.set(row, [...(this.#byRow.get(row) ?? []), mover])
      }
    }
  }

  on(row: number): readonly Mover[] {
    return this.#byRow.get(row) ?? []
  }

  rows(): number[] {
    return [...this.#byRow.keys()].sort((a, b) => a - b)
  }

  /** What it holds, for as long as it has held it: moved, it begins anew. */
  lostGpuSeconds({ admittedAtMs, amounts }: RunningJob): number {
    return (Math.max(0, this.#nowMs - admittedAtMs) / 1_000) * (amounts.GPU / WHOLE_DEVICE)
  }

  #moverOf(job: RunningJob): Mover | null {
    const { tree, memo } = this.#ground
    const { gang } = job
    const isProtected = protectedUntil(job, tree.get(job.queue)?.spec) > this.#nowMs
    if (gang === undefined || job.isGoing || !job.preemptible || isProtected) return null
    // One after another is moved, so each is held against what its disruption budgets allow by itself.
    if (job.budgets.some(({ allowed }) => allowed < job.pods)) return null
    const from = placesOf(job)
    const shape = memo.shape(gang)
    const flavor = shape.flavors().find(({ rows }) => rows.name === job.flavor)
    // With fewer pods than slots it is half gone, or not all there yet.
    if (from === null || from.length !== gang.slots || flavor === undefined) return null
    if (job.amounts.GPU !== gang.slots * gpuThousandths(gang.pod)) return null
    return { job, gang, from, shape, flavor, lostGpuSeconds: this.lostGpuSeconds(job) }
  }
}

/** null where it is not known which devices it has. */
function placesOf({ held }: RunningJob): Place[] | null {
  const places: Place[] = []
  for (const { node, holding } of held) {
    const devices = holding.gpu?.devices ?? []
    if (typeof devices === 'number') return null
    places.push({ node, devices })
  }
  return places
}

/** The largest first, since small ones find room between them; of those alike the dearest, which then rather stay. */
export function byNeed(a: Mover, b: Mover): number {
  return (
    b.gang.slots * gpuThousandths(b.gang.pod) - a.gang.slots * gpuThousandths(a.gang.pod) ||
    gpuThousandths(b.gang.pod) - gpuThousandths(a.gang.pod) ||
    b.lostGpuSeconds - a.lostGpuSeconds ||
    (a.job.uid < b.job.uid ? -1 : 1)
  )
}

/** Counts the places of these as free. */
export function lift({ memo }: Ground, movers: Iterable<Mover>): void {
  for (const { job } of movers) releasePlaces(memo.capacity, job)
}

/**
 * Takes places for those whose own are counted as free: their own where they still are, else others of their flavor.
 * @returns those that get others; null where one of them finds none, and then some may have been taken
 */
export function settle(movers: readonly Mover[]): Displaced[] | null {
  const homeless = movers
    .toSorted((a, b) => b.lostGpuSeconds - a.lostGpuSeconds || byNeed(a, b))
    .filter(({ shape, flavor, from }) => !shape.placeAt(flavor, from))
  const displaced: Displaced[] = []
  for (const { job, from, shape, flavor } of homeless.sort(byNeed)) {
    const to = shape.placeUnremembered(flavor)
    if (to === null) return null
    displaced.push({ job, from, to })
  }
  return displaced
}
