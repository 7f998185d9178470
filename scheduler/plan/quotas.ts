import { type Amounts, ANY_FLAVOR, type QueueState, type Quota, RESOURCES, type Resource } from '../model/queue.ts'
import type { QueueTree, TreeQueue } from './queueTree.ts'

/**
 * Quotas along the queue tree, by Kueue's rules. A queue may use its nominalQuota, and borrow what its
 * relatives do not use: at most borrowingLimit of its own accord, at most what they lend.
 *
 * A cell is one (flavor, resource). A queue without a quota in a cell has nothing of its own there and
 * may use what the tree has; a tree in which nobody has one is not bounded in that cell.
 */
export class Quotas {
  readonly #tree: QueueTree
  readonly #cells: ReadonlyMap<string, Cell>
  readonly #cellsOfFlavor = new Map<string, readonly FlavorCell[]>()

  constructor(tree: QueueTree) {
    this.#tree = tree
    this.#cells = cellsOf(tree.queues)
  }

  /** Forgets all usage and counts what the queues' own jobs hold. */
  setUsage(queues: ReadonlyMap<string, QueueState>): void {
    for (const cell of this.#cells.values()) cell.used.fill(0)
    for (const { spec, usage } of queues.values()) {
      for (const [flavor, amounts] of usage) this.use(spec.name, flavor, amounts)
    }
  }

  use(queue: string, flavor: string, amounts: Amounts): void {
    this.#count(queue, flavor, amounts, 1)
  }

  /** Takes back what `use` counted. */
  release(queue: string, flavor: string, amounts: Amounts): void {
    this.#count(queue, flavor, amounts, -1)
  }

  /** Whether the branch would be within its nominal quota with that much more, wherever a quota bounds it. */
  isNominal(branch: TreeQueue, flavor: string, amounts: Amounts): boolean {
    return this.#cellsUnder(flavor).every(
      ({ cell, resource }) =>
        amounts[resource] === 0 ||
        !cell.bounded[branch.root] ||
        get(cell.used, branch) + amounts[resource] <= get(cell.subtree, branch),
    )
  }

  /** Whether the branch has more than its nominal quota of something that the amounts ask for. */
  borrows(branch: TreeQueue, flavor: string, amounts: Amounts): boolean {
    return this.#cellsUnder(flavor).some(
      ({ cell, resource }) =>
        amounts[resource] > 0 && cell.bounded[branch.root] && get(cell.used, branch) > get(cell.subtree, branch),
    )
  }

  #count(queue: string, flavor: string, amounts: Amounts, sign: 1 | -1): void {
    const at = this.#tree.get(queue)
    if (at === undefined) return
    for (const { cell, resource } of this.#cellsUnder(flavor)) use(cell, at, sign * amounts[resource])
  }

  /** The tightest bound that the amounts exceed, now or (when `empty`) even if nobody used anything; null for none. */
  shortage(queue: string, flavor: string, amounts: Amounts, when: 'now' | 'empty'): Shortage | null {
    const at = this.#tree.get(queue)
    if (at === undefined) return null
    let tightest: Shortage | null = null
    for (const { cell, resource, flavor: bound } of this.#cellsUnder(flavor)) {
      const asked = amounts[resource]
      if (asked === 0 || !cell.bounded[at.root]) continue
      const available = when === 'now' ? availableNow(cell, at) : potential(cell, at)
      if (asked <= available || (tightest !== null && tightest.available <= available)) continue
      tightest = { flavor: bound, resource, asked, available: Math.max(0, available) }
    }
    return tightest
  }

  /** Cells that use of the flavor counts in. */
  #cellsUnder(flavor: string): readonly FlavorCell[] {
    let cells = this.#cellsOfFlavor.get(flavor)
    if (cells === undefined) {
      cells = RESOURCES.flatMap((resource) =>
        [flavor, ANY_FLAVOR].map((bound) => ({ resource, flavor: bound })),
      ).flatMap((bound) => {
        const cell = this.#cells.get(cellKey(bound.flavor, bound.resource))
        return cell === undefined ? [] : [{ ...bound, cell }]
      })
      this.#cellsOfFlavor.set(flavor, cells)
    }
    return cells
  }
}

interface FlavorCell {
  readonly flavor: string
  readonly resource: Resource
  readonly cell: Cell
}

/** In the units of the resource. */
export interface Shortage {
  readonly flavor: string
  readonly resource: Resource
  readonly asked: number
  readonly available: number
}

/** One (flavor, resource) over all queues, by number. Infinity stands for "no limit". */
interface Cell {
  /** At a root: whether anyone in its tree has a quota in this cell. */
  readonly bounded: boolean[]
  /** What the queue and those under it may count on together. */
  readonly subtree: number[]
  /** The part of it that is never lent. */
  readonly kept: number[]
  readonly borrowing: number[]
  /** Own use, and what those under it use beyond what they keep to themselves. */
  readonly used: number[]
}

function use(cell: Cell, queue: TreeQueue, amount: number): void {
  const used = get(cell.used, queue)
  const kept = get(cell.kept, queue)
  cell.used[queue.number] = used + amount
  // What goes beyond what the queue keeps to itself counts above it.
  const above = Math.max(0, used + amount - kept) - Math.max(0, used - kept)
  if (queue.parent !== null && above !== 0) use(cell, queue.parent, above)
}

function availableNow(cell: Cell, queue: TreeQueue): number {
  const subtree = get(cell.subtree, queue)
  const used = get(cell.used, queue)
  if (queue.parent === null) return subtree - used
  const kept = get(cell.kept, queue)
  const lentOut = subtree - kept
  const usedAbove = Math.max(0, used - kept)
  const limit = lentOut - usedAbove + get(cell.borrowing, queue)
  return Math.max(0, kept - used) + Math.min(limit, availableNow(cell, queue.parent))
}

/** As availableNow, were nothing used. */
function potential(cell: Cell, queue: TreeQueue): number {
  const subtree = get(cell.subtree, queue)
  if (queue.parent === null) return subtree
  return Math.min(subtree + get(cell.borrowing, queue), get(cell.kept, queue) + potential(cell, queue.parent))
}

function get(column: readonly number[], queue: TreeQueue): number {
  return column[queue.number] ?? 0
}

function cellKey(flavor: string, resource: Resource): string {
  return `${resource} ${flavor}`
}

function cellsOf(queues: readonly TreeQueue[]): Map<string, Cell> {
  const cells = new Map<string, Cell>()
  for (const { spec, root } of queues) {
    for (const { flavor, resource } of spec.quotas) {
      const key = cellKey(flavor, resource)
      const cell = cells.get(key) ?? emptyCell(queues)
      cell.bounded[root] = true
      cells.set(key, cell)
    }
  }
  for (const [key, cell] of cells) fillCell(cell, key, queues)
  return cells
}

function emptyCell(queues: readonly TreeQueue[]): Cell {
  const zeros = () => queues.map(() => 0)
  return { bounded: queues.map(() => false), subtree: zeros(), kept: zeros(), borrowing: zeros(), used: zeros() }
}

function fillCell(cell: Cell, key: string, queues: readonly TreeQueue[]): void {
  // Children come after their parents, so from the end each queue is complete before it counts upwards.
  for (const queue of queues.toReversed()) {
    const quota = queue.spec.quotas.find((candidate) => cellKey(candidate.flavor, candidate.resource) === key)
    const subtree = get(cell.subtree, queue) + (quota?.nominalQuota ?? 0)
    const kept = keptOf(quota, subtree)
    cell.subtree[queue.number] = subtree
    cell.kept[queue.number] = kept
    cell.borrowing[queue.number] = quota?.borrowingLimit ?? Number.POSITIVE_INFINITY
    if (queue.parent !== null) cell.subtree[queue.parent.number] = get(cell.subtree, queue.parent) + subtree - kept
  }
}

function keptOf(quota: Quota | undefined, subtree: number): number {
  return quota?.lendingLimit == null ? 0 : Math.max(0, subtree - quota.lendingLimit)
}
