import { compareTurns, type PendingJob } from '../model/job.ts'
import type { TreeQueue } from './queueTree.ts'
import type { Asked } from './shares.ts'

/**
 * What the first of those asks who wait with a rank in a queue or below it, whether or not it can start: with that it is
 * asked whether the queue would borrow. Were it the job whose turn it is, the order would depend on whether a plan
 * knows already that one before it cannot start.
 */
export class FirstAsks {
  readonly #byQueue = new Map<TreeQueue, Map<number, { readonly job: PendingJob; readonly asks: Asked }>>()

  note(queue: TreeQueue, rank: number, job: PendingJob, asks: Asked): void {
    for (let at: TreeQueue | null = queue; at !== null; at = at.parent) {
      const byRank = this.#byQueue.get(at) ?? new Map<number, { job: PendingJob; asks: Asked }>()
      const first = byRank.get(rank)
      if (first !== undefined && compareTurns(first.job, job) <= 0) return
      byRank.set(rank, { job, asks })
      this.#byQueue.set(at, byRank)
    }
  }

  of(queue: TreeQueue, rank: number): Asked | null {
    return this.#byQueue.get(queue)?.get(rank)?.asks ?? null
  }
}
