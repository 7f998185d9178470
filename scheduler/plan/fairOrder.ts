import { compareTurns, type PendingJob } from '../model/job.ts'
import type { FirstAsks } from './firstAsks.ts'
import { Heap } from './heap.ts'
import type { QueueTree, TreeQueue } from './queueTree.ts'
import type { Asked, Shares } from './shares.ts'

/** Something to be tried on behalf of a job. */
interface Candidate {
  readonly job: PendingJob
  /** See rankOf. */
  readonly rank: number
}

/**
 * Whose turn it is: first those for whom others have been stopped, so that nobody gets in between; then those who have
 * waited too long; then the highest priority; of equals, at each level of the tree, whoever has the smaller share of
 * what siblings compete for; of equals again, whoever came first. Shares move with every admission, so the order is
 * asked for job by job, by a tournament along the tree of which only the changed branches are played again. A
 * share is asked with what the queue waits for, so that nobody borrows what a sibling who waits may have back at once.
 */
export class FairOrder<T extends Candidate> {
  readonly #tree: QueueTree
  readonly #shares: Shares
  readonly #asks: FirstAsks
  readonly #branches = new Map<number, Branch<T>>()
  readonly #roots: Branch<T>[] = []

  constructor(tree: QueueTree, shares: Shares, asks: FirstAsks) {
    this.#tree = tree
    this.#shares = shares
    this.#asks = asks
  }

  /** The job's queue must be one of the tree. */
  push(candidate: T): void {
    const queue = this.#tree.get(candidate.job.queue)
    if (queue === undefined) throw new Error(`queue ${candidate.job.queue} is not in the tree`)
    const branch = this.#branch(queue)
    branch.own.push(candidate)
    stale(branch)
  }

  pop(): T | undefined {
    let winner: Branch<T> | null = null
    for (const root of this.#roots) {
      this.#play(root)
      if (root.first !== null && (winner === null || this.#goesBefore(root, winner))) winner = root
    }
    if (winner === null) return undefined
    let at = winner
    while (at.side !== null) at = at.side
    stale(at)
    return at.own.pop()
  }

  /** What the queue holds has changed. */
  charged(queue: string): void {
    const branch = this.#known(queue)
    if (branch !== undefined) stale(branch)
  }

  /** Takes out whatever of the queue has not had its turn. */
  drop(queue: string): T[] {
    const branch = this.#known(queue)
    if (branch === undefined) return []
    stale(branch)
    return branch.own.clear()
  }

  #known(queue: string): Branch<T> | undefined {
    const at = this.#tree.get(queue)
    return at && this.#branches.get(at.number)
  }

  /** Finds out who goes first in the branch, where that may have changed. */
  #play(branch: Branch<T>): void {
    if (!branch.isStale) return
    branch.isStale = false
    branch.first = branch.own.peek() ?? null
    branch.side = null
    let share = branch.first === null ? 0 : this.#shares.ofOwnJobs(branch.queue, this.#askedBy(branch))
    for (const child of branch.children) {
      this.#play(child)
      if (child.first === null) continue
      if (branch.first !== null && !goesBefore(child.first, child.share, branch.first, share)) continue
      branch.first = child.first
      branch.side = child
      share = child.share
    }
    branch.share = branch.first === null ? 0 : this.#shares.of(branch.queue, this.#askedBy(branch))
  }

  #askedBy({ queue, first }: Branch<T>): Asked | null {
    return first === null ? null : this.#asks.of(queue, first.rank)
  }

  #goesBefore(a: Branch<T>, b: Branch<T>): boolean {
    if (a.first === null || b.first === null) return a.first !== null
    return goesBefore(a.first, a.share, b.first, b.share)
  }

  #branch(queue: TreeQueue): Branch<T> {
    const known = this.#branches.get(queue.number)
    if (known !== undefined) return known
    const parent = queue.parent === null ? null : this.#branch(queue.parent)
    const own = new Heap<T>((a, b) => (a.rank === b.rank ? compareTurns(a.job, b.job) : a.rank > b.rank ? -1 : 1))
    const branch: Branch<T> = { queue, parent, own, children: [], first: null, side: null, share: 0, isStale: false }
    this.#branches.set(queue.number, branch)
    if (parent === null) this.#roots.push(branch)
    else parent.children.push(branch)
    return branch
  }
}

interface Branch<T> {
  readonly queue: TreeQueue
  readonly parent: Branch<T> | null
  readonly own: Heap<T>
  readonly children: Branch<T>[]
  /** Whoever goes first of all in it. */
  first: T | null
  /** The branch below from which that comes; null: it is one of the queue's own. */
  side: Branch<T> | null
  /** Of the branch, with what it asks. */
  share: number
  /** `first` may be another by now. */
  isStale: boolean
}

function goesBefore(a: Candidate, shareOfA: number, b: Candidate, shareOfB: number): boolean {
  if (a.rank !== b.rank) return a.rank > b.rank
  if (shareOfA !== shareOfB) return shareOfA < shareOfB
  return compareTurns(a.job, b.job) < 0
}

/** Rank of those who have waited too long: above every priority that Kubernetes has. */
export const AGED = Number.MAX_SAFE_INTEGER

/**
 * What goes before shares: its priority; but first of all those for whom others have been stopped, and then those who
 * have waited since before `agedMs`.
 */
export function rankOf({ nomination, priority, createdMs }: PendingJob, agedMs: number): number {
  if (nomination !== null) return Number.POSITIVE_INFINITY
  return createdMs <= agedMs ? AGED : priority
}

/** A branch changes those above it. Where one is stale, those above it are. */
function stale<T>(branch: Branch<T>): void {
  for (let at: Branch<T> | null = branch; at !== null && !at.isStale; at = at.parent) at.isStale = true
}
