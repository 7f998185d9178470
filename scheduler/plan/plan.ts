import { type Assignment, encodeAssignment } from '../model/assignment.ts'
import { compareJobs, type PendingGroup, type PendingJob } from '../model/job.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type Cause, causeAtEnd } from './causes.ts'
import { Heap } from './heap.ts'
import { Memo } from './memo.ts'
import type { QuotaTree } from './quotas.ts'
import { type Standing, standingOf } from './standing.ts'

/** What should happen now. Whoever carries it out may fail at any of it: the next plan starts from what came true. */
export interface Plan {
  /** In the order decided; each holds beside all that come before it. */
  readonly admissions: readonly Admission[]
  readonly preemptions: readonly Preemption[]
  readonly reservations: readonly Reservation[]
  /** Every job of the snapshot that is not admitted, once. */
  readonly explanations: readonly Explanation[]
  /** When a plan of the same snapshot may come out differently; null: time alone changes nothing. */
  readonly againAtMs: number | null
}

export interface Admission {
  readonly job: PendingJob
  readonly assignment: Assignment
}
/** A running job that should make room. */
export interface Preemption {
  readonly victimUid: string
  readonly preemptorUid: string
}
/** Places kept for a job that cannot start yet. */
export interface Reservation {
  readonly jobUid: string
  readonly startsAtMs: number
  readonly assignment: Assignment
}
export interface Explanation {
  readonly jobs: readonly PendingJob[]
  readonly cause: Cause
}

/**
 * Decides who is admitted where, in the order of compareJobs; a job that does not fit lets those behind
 * it try. Pure: the same snapshot and time give the same plan, with a memo of earlier plans or without.
 */
export function plan(snapshot: Snapshot, nowMs: number, memo: Memo = new Memo()): Plan {
  const quotas = memo.begin(snapshot)
  const admissions: Admission[] = []
  const waiting: Waiting[] = []
  let againAtMs: number | null = null
  const trying = new Heap<Trying>((a, b) => compareJobs(a.job, b.job))
  for (const group of snapshot.pending.values()) {
    if (group.notBeforeMs > nowMs) againAtMs = Math.min(againAtMs ?? group.notBeforeMs, group.notBeforeMs)
    const standing = standingOf(group, snapshot.queues.get(group.queue)?.spec, nowMs, quotas, memo)
    const [job] = group.jobs
    if (job === undefined) continue
    if ('code' in standing) waiting.push({ group, from: 0, why: standing })
    else if (!mayStart(standing, quotas, group)) waiting.push({ group, from: 0, why: standing })
    else trying.push({ group, from: 0, job, standing })
  }
  for (let next = trying.pop(); next !== undefined; next = trying.pop()) {
    const { group, from, job, standing } = next
    const outcome = admit(group, standing, quotas, memo)
    if (outcome === null) waiting.push({ group, from, why: standing })
    else if ('code' in outcome) waiting.push({ group, from, why: outcome })
    else {
      admissions.push({ job, assignment: outcome })
      const following = group.jobs[from + 1]
      if (following !== undefined) trying.push({ group, from: from + 1, job: following, standing })
    }
  }
  return { admissions, preemptions: [], reservations: [], explanations: explain(waiting, quotas, memo), againAtMs }
}

interface Trying {
  readonly group: PendingGroup
  /** Jobs of the group before this one have been admitted. */
  readonly from: number
  readonly job: PendingJob
  readonly standing: Standing
}
interface Waiting {
  readonly group: PendingGroup
  readonly from: number
  /** Its cause, or that it could be admitted and found no room. */
  readonly why: Cause | Standing
}

/** False where nothing of this group can start, as far as that is known without a search. */
function mayStart({ shape, flavors }: Standing, quotas: QuotaTree, group: PendingGroup): boolean {
  for (const flavor of flavors) {
    if (shape.mayFit(flavor) && quotas.shortage(group.queue, flavor.rows.name, shape.amounts, 'now') === null)
      return true
  }
  return false
}

/** Takes quota and places for one job of the group in the first flavor that has both. */
function admit(group: PendingGroup, standing: Standing, quotas: QuotaTree, memo: Memo): Assignment | Cause | null {
  const { shape, flavors } = standing
  const open = flavors.filter((flavor) => {
    return shape.mayFit(flavor) && quotas.shortage(group.queue, flavor.rows.name, shape.amounts, 'now') === null
  })
  for (const flavor of shape.preferred(open)) {
    const name = flavor.rows.name
    const mark = memo.capacity.mark
    const slots = shape.place(flavor)
    if (slots === null) continue
    const assignment = { flavor: name, slots }
    if (slots.length >= LARGE_GANG_SLOTS && encodeAssignment(assignment) === null) {
      memo.capacity.giveBack(mark)
      return { code: 'AssignmentTooLarge', slots: slots.length }
    }
    quotas.use(group.queue, name, shape.amounts)
    return assignment
  }
  return null
}

/** Below this no assignment can reach its size limit: a node's name has at most 253 characters. */
const LARGE_GANG_SLOTS = 128

/** Reasons are given on what is left at the end, so that they do not depend on when a group was looked at. */
function explain(waiting: readonly Waiting[], quotas: QuotaTree, memo: Memo): Explanation[] {
  if (waiting.length === 0) return []
  const figures = memo.figures()
  return waiting.map(({ group, from, why }) => ({
    jobs: group.jobs.slice(from),
    cause: 'code' in why ? why : causeAtEnd(group.queue, why, quotas, figures),
  }))
}
