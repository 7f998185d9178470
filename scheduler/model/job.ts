import type { Assignment } from './assignment.ts'
import type { Gang } from './gang.ts'
import type { PendingReason } from './pending.ts'

/** A job that waits for admission. Never changed in place. */
export interface PendingJob {
  readonly uid: string
  readonly queue: string
  readonly tenantId: string
  /** Higher goes first. */
  readonly priority: number
  readonly createdMs: number
  /** Of a job of the API: ids tell the order of submission where times are equal. */
  readonly jobId?: string
  /** Not admitted before this domain time; 0: at once. */
  readonly notBeforeMs: number
  /** The longest it will run; null: it has declared no end. */
  readonly maxRuntimeMs: number | null
  /** How long its containers may take to end when they are told to. */
  readonly graceMs: number
  /** Whether others may be stopped for it. */
  readonly mayPreempt: boolean
  /** Null: nobody has been stopped for it. */
  readonly nomination: Nomination | null
  /** What it asks; or why it can never be admitted as it is. */
  readonly demand: Gang | PendingReason
}

/** Room that others have been stopped to make. */
export interface Nomination {
  /** What it is to get. */
  readonly assignment: Assignment
  /** Uids of those who are stopped for it. */
  readonly victims: readonly string[]
}

export function isGang(demand: Gang | PendingReason): demand is Gang {
  return 'slots' in demand
}

/**
 * Jobs that differ in nothing but their turn: what holds one of them back holds back all behind it.
 * Never changed in place, `jobs` aside, which keeps the order in which they are tried.
 */
export interface PendingGroup {
  readonly key: string
  readonly queue: string
  readonly tenantId: string
  readonly notBeforeMs: number
  readonly demand: Gang | PendingReason
  readonly jobs: readonly PendingJob[]
}

export function groupKey(job: PendingJob): string {
  const demand = isGang(job.demand) ? job.demand.key : `${job.demand.code} ${job.demand.message}`
  // Whoever others are stopped for has its turn by itself.
  const alone = job.nomination === null ? '' : job.uid
  return `${job.queue}\n${job.tenantId}\n${job.notBeforeMs}\n${job.mayPreempt}\n${job.maxRuntimeMs}\n${job.graceMs}\n${alone}\n${demand}`
}

/** The order in which the jobs of one queue are tried: priority, then their turns. */
export function compareJobs(a: PendingJob, b: PendingJob): number {
  return b.priority - a.priority || compareTurns(a, b)
}

/** Time, id, then uid, so that it never depends on who was read first. */
export function compareTurns(a: PendingJob, b: PendingJob): number {
  if (a.createdMs !== b.createdMs) return a.createdMs - b.createdMs
  const [left, right] = [a.jobId ?? '', b.jobId ?? '']
  if (left !== right) return left < right ? -1 : 1
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0
}
