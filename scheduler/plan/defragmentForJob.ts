import type { Assignment } from '../model/assignment.ts'
import { gpuThousandths } from '../model/gang.ts'
import type { Ground } from './memo.ts'
import { type Displaced, lift, type Movable, type Mover, settle } from './movable.ts'
import type { MatchingFlavor, Shape } from './shape.ts'
import type { Standing } from './standing.ts'

export interface Freed {
  readonly displaced: readonly Displaced[]
  readonly nodes: readonly string[]
  readonly gpuThousandths: number
  readonly assignment: Assignment | null
}

/** Sets of jobs to move that are tried for one job: the cheapest, the next to it, and so on. */
const MAX_TRIES = 32

/** Room for one job by moving others within their flavors; null where none of the ways that are tried makes enough. */
export function freeRoomFor(
  queue: string,
  { shape, flavors }: Standing,
  ground: Ground,
  movable: Movable,
): Freed | null {
  for (const flavor of flavors) {
    if (ground.quotas.shortage(queue, flavor.rows.name, shape.amounts, 'now') !== null) continue
    const freed = freeIn(shape, flavor, ground, movable)
    if (freed !== null) return freed
  }
  return null
}

function freeIn(shape: Shape, flavor: MatchingFlavor, ground: Ground, movable: Movable): Freed | null {
  const { capacity } = ground.memo
  // Moving changes which GPUs are free, not how many.
  if (capacity.freeGpus(flavor.rows) < shape.amounts.GPU) return null
  const { mark } = capacity
  const rows = shape.fits(flavor) ? [] : rowsByCost(shape, flavor, ground, movable)
  for (let first = 0; first === 0 || first < Math.min(rows.length, MAX_TRIES); first++) {
    const freed = tryFrom(rows.slice(first), shape, flavor, ground)
    if (freed !== null) return freed
    capacity.undo(mark)
  }
  return null
}

/** Lifts whoever is on these rows, one after another, until the job fits; then all find places again, or it was in vain. */
function tryFrom(rows: readonly Clearing[], shape: Shape, flavor: MatchingFlavor, ground: Ground): Freed | null {
  const lifted = new Set<Mover>()
  for (const { movers } of rows) {
    if (shape.fits(flavor)) break
    const more = movers.filter((mover) => !lifted.has(mover))
    lift(ground, more)
    for (const mover of more) lifted.add(mover)
  }
  const slots = shape.placeUnremembered(flavor)
  const displaced = slots && settle([...lifted])
  if (slots === null || displaced === null) return null
  return { displaced, nodes: [], gpuThousandths: shape.amounts.GPU, assignment: { flavor: flavor.rows.name, slots } }
}

/** A row, and who would have to be moved off it. */
interface Clearing {
  readonly row: number
  readonly movers: readonly Mover[]
  /** Work lost for each slot that is gained. */
  readonly price: number
  /** GPUs to be found elsewhere for each. */
  readonly size: number
}

/** Rows that would hold more of the job without those who can be moved, the cheapest first. */
function rowsByCost(shape: Shape, flavor: MatchingFlavor, ground: Ground, movable: Movable): Clearing[] {
  const { capacity } = ground.memo
  const found: Clearing[] = []
  for (const row of movable.rows()) {
    if (row < flavor.rows.from || row >= flavor.rows.to) continue
    const before = shape.slotsOn(row)
    const { mark } = capacity
    const movers: Mover[] = []
    // Whoever loses least goes first, of those alike whoever is smallest, and only as many as make room.
    const inOrder = movable.on(row).toSorted((a, b) => a.lostGpuSeconds - b.lostGpuSeconds || sizeOf(a) - sizeOf(b))
    for (const mover of inOrder) {
      lift(ground, [mover])
      movers.push(mover)
      const gained = shape.slotsOn(row) - before
      if (gained === 0) continue
      const lost = movers.reduce((sum, { lostGpuSeconds }) => sum + lostGpuSeconds, 0)
      const size = movers.reduce((sum, each) => sum + sizeOf(each), 0)
      found.push({ row, movers: [...movers], price: lost / gained, size: size / gained })
      break
    }
    capacity.undo(mark)
  }
  return found.sort((a, b) => a.price - b.price || a.size - b.size || a.row - b.row)
}

function sizeOf({ gang }: Mover): number {
  return gang.slots * gpuThousandths(gang.pod)
}
