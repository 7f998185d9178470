import { compareTurns, type PendingJob } from '../model/job.ts'
import { Heap } from './heap.ts'
import type { QueueTree, TreeQueue } from './queueTree.ts'
import type { Shares } from './shares.ts'

/** Something to be tried on behalf of a job. */
interface Candidate {
  readonly job: PendingJob
}

/**
 * Whose turn it is: first those for whom others have been stopped, so that nobody gets in between; then the highest
 * priority; of equals, at each level of the tree, whoever has the smaller share
 * of what siblings compete for; of equals again, whoever came first. Shares move with every admission, so the order
 * is asked for job by job, by a tournament along the tree of which only the changed branches are played again.
 */
export class FairOrder<T extends Candidate> {
  readonly #tree: QueueTree
  readonly #shares: Shares
  readonly #branches = new Map<number, Branch<T>>()
  readonly #roots: Branch<T>[] = []

  constructor(tree: QueueTree, shares: Shares) {
    this.#tree = tree
    this.#shares = shares
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
    let winner: Best<T> | null = null
    for (const root of this.#roots) {
      const best = this.#best(root)
      if (best === null) continue
      const challenger = { ...best, share: this.#shares.of(root.queue) }
      if (winner === null || goesBefore(challenger, winner)) winner = challenger
    }
    if (winner === null) return undefined
    stale(winner.branch)
    return winner.branch.own.pop()
  }

  /** What the queue holds has changed. */
  charged(queue: string): void {
    const at = this.#tree.get(queue)
    const branch = at && this.#branches.get(at.number)
    if (branch !== undefined) stale(branch)
  }

  /** Takes out whatever of the queue has not had its turn. */
  drop(queue: string): T[] {
    const at = this.#tree.get(queue)
    const branch = at && this.#branches.get(at.number)
    if (branch === undefined) return []
    stale(branch)
    return branch.own.clear()
  }

  #best(branch: Branch<T>): Best<T> | null {
    if (branch.isStale) {
      const candidate = branch.own.peek()
      let best: Best<T> | null =
        candidate === undefined ? null : { candidate, branch, share: this.#shares.ofOwnJobs(branch.queue) }
      for (const child of branch.children) {
        const below = this.#best(child)
        if (below === null) continue
        const challenger = { ...below, share: this.#shares.of(child.queue) }
        if (best === null || goesBefore(challenger, best)) best = challenger
      }
      branch.best = best
      branch.isStale = false
    }
    return branch.best
  }

  #branch(queue: TreeQueue): Branch<T> {
    const known = this.#branches.get(queue.number)
    if (known !== undefined) return known
    const parent = queue.parent === null ? null : this.#branch(queue.parent)
    const own = new Heap<T>(
      (a, b) =>
        Number(isNominated(b.job)) - Number(isNominated(a.job)) ||
        b.job.priority - a.job.priority ||
        compareTurns(a.job, b.job),
    )
    const branch: Branch<T> = { queue, parent, own, children: [], best: null, isStale: false }
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
  best: Best<T> | null
  isStale: boolean
}

/** Whoever goes first in a branch. */
interface Best<T> {
  readonly candidate: T
  /** Where it waits. */
  readonly branch: Branch<T>
  /** Of the side it comes from, among those it is compared with. */
  readonly share: number
}

function goesBefore<T extends Candidate>(a: Best<T>, b: Best<T>): boolean {
  const [left, right] = [a.candidate.job, b.candidate.job]
  if (isNominated(left) !== isNominated(right)) return isNominated(left)
  if (left.priority !== right.priority) return left.priority > right.priority
  if (a.share !== b.share) return a.share < b.share
  return compareTurns(left, right) < 0
}

function isNominated({ nomination }: PendingJob): boolean {
  return nomination !== null
}

/** A branch changes those above it. Where one is stale, those above it are. */
function stale<T>(branch: Branch<T>): void {
  for (let at: Branch<T> | null = branch; at !== null && !at.isStale; at = at.parent) at.isStale = true
}
