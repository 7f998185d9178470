import type { Assignment } from '../model/assignment.ts'
import { compareTurns, type PendingGroup, type PendingJob } from '../model/job.ts'
import { firstIndex, runsOf } from '../model/runs.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { Backfill, MAX_TRIES, type Reserved } from './backfill.ts'
import { type Cause, causeAtEnd } from './causes.ts'
import { decide, mayStart } from './decide.ts'
import { FairOrder, rankOf } from './fairOrder.ts'
import { FirstAsks } from './firstAsks.ts'
import { type Growth, growable, growthsOf } from './grow.ts'
import { Memo } from './memo.ts'
import { Preempting } from './preempt.ts'
import type { TreeQueue } from './queueTree.ts'
import type { Quotas } from './quotas.ts'
import { type Standing, standingOf } from './standing.ts'

/** What should happen now. Whoever carries it out may fail at any of it: the next plan starts from what came true. */
export interface Plan {
  /** In the order decided; each holds beside all that come before it. */
  readonly admissions: readonly Admission[]
  readonly preemptions: readonly Preemption[]
  readonly reservations: readonly Reservation[]
  /** Elastic jobs that run and get more, of what nobody who waits can have and nothing is kept for. */
  readonly growths: readonly Growth[]
  /** Every job of the snapshot that is not admitted, once. */
  readonly explanations: readonly Explanation[]
  /** When a plan of the same snapshot may come out differently; null: time alone changes nothing. */
  readonly againAtMs: number | null
}

export interface Admission {
  readonly job: PendingJob
  readonly assignment: Assignment
}
/** Running jobs that should make room for one that waits. */
export interface Preemption {
  readonly job: PendingJob
  /** What it is to get when they are gone. */
  readonly assignment: Assignment
  /** Their uids. */
  readonly victims: readonly string[]
}
/** Places kept for a job that cannot start yet. */
export interface Reservation {
  readonly job: PendingJob
  /** Null: those in its way have not said when they end. */
  readonly startsAtMs: number | null
  readonly assignment: Assignment
}
export interface Explanation {
  readonly jobs: readonly PendingJob[]
  readonly cause: Cause
}

/**
 * Decides who is admitted where, in FairOrder; a job that does not fit lets those behind it try, where its queue
 * does. Pure: the same snapshot and time give the same plan, with a memo of earlier plans or without.
 */
export function plan(snapshot: Snapshot, nowMs: number, memo: Memo = new Memo()): Plan {
  const ground = memo.begin(snapshot)
  const { tree, quotas, shares } = ground
  const admissions: Admission[] = []
  const preemptions: Preemption[] = []
  const waiting: Waiting[] = []
  let againAtMs: number | null = null
  const asks = new FirstAsks()
  const order = new FairOrder<Trying>(tree, shares, asks)
  const backfill = new Backfill(ground, snapshot.running, nowMs)
  /** Of each queue the first ones that cannot start now: places may be kept for one of them. */
  const blocked = new Map<string, Trying[]>()
  /** Of each queue that is StrictFIFO its first job. */
  const heads = new Map<string, Trying>()
  let resumed: Trying | null = null
  const preempting = new Preempting(ground, snapshot, nowMs)
  const agedMs = nowMs - snapshot.agingMs
  for (const waitingGroup of snapshot.pending.values()) {
    const group = agedFirst(waitingGroup, agedMs, (createdMs) => lookAgainAt(createdMs + snapshot.agingMs))
    if (group.notBeforeMs > nowMs) lookAgainAt(group.notBeforeMs)
    const standing = standingOf(group, snapshot.queues.get(group.queue)?.spec, nowMs, ground)
    const [job] = group.jobs
    if (job === undefined) continue
    if ('code' in standing) {
      wait(group.queue, group.jobs, standing)
      continue
    }
    noteAsks(asks, tree.get(group.queue), group, standing, agedMs)
    const trying = tryingOf(group, 0, job, standing)
    if (job.uid === snapshot.reservedFor) resumed = trying
    if (isStrict(group.queue)) {
      const head = heads.get(group.queue)
      if (head === undefined || isBefore(trying, head)) heads.set(group.queue, trying)
    }
    const mustBeTried = isStrict(group.queue) || trying === resumed
    if (mustBeTried || mayStart(standing, quotas, group) || preempting.mayStopFor(job)) {
      order.push(trying)
      continue
    }
    if (backfill.isPossibleFor(trying.rank)) block(trying)
    else wait(group.queue, group.jobs, standing)
  }
  // Whoever has to wait for another's turn keeps nothing from that one, or neither would ever start.
  if (resumed !== null && (heads.get(resumed.group.queue) ?? resumed) === resumed) backfill.resume(resumed)
  for (const first of blocked.values()) for (const trying of first) order.push(trying)
  for (let next = order.pop(); next !== undefined; next = order.pop()) {
    const { group, from, job, standing } = next
    backfill.before(next)
    const outcome = decide(next, preempting, ground)
    if (outcome !== null && 'victims' in outcome) {
      const { victims, assignment, awaited } = outcome
      if (victims.length > 0) preemptions.push({ job, assignment, victims: victims.map(({ uid }) => uid) })
      wait(group.queue, [job], { code: 'WaitingForPreemptedWorkloads', jobs: awaited })
      backfill.awaitsRoom()
      goOnAfter(next)
    } else if (outcome === null) {
      const reserved = backfill.failed(next)
      if (reserved !== null)
        wait(group.queue, [job], { code: 'WaitingForReservation', startsAtMs: reserved.startsAtMs })
      wait(group.queue, group.jobs.slice(reserved === null ? from : from + 1), standing)
      if (!isStrict(group.queue)) continue
      for (const behind of order.drop(group.queue))
        wait(group.queue, behind.group.jobs.slice(behind.from), { code: 'WaitingForTurn', queue: group.queue })
    } else if ('code' in outcome) wait(group.queue, group.jobs.slice(from), outcome)
    else {
      admissions.push({ job, assignment: outcome })
      backfill.started(job)
      goOnAfter(next)
    }
  }
  if (preempting.againAtMs !== null) lookAgainAt(preempting.againAtMs)
  const growing = growable(snapshot.running.values())
  const isWaitedFor = (queue: string) => isStrict(queue) && waiting.some((other) => other.queue === queue)
  if (growing.length > 0) backfill.keepFromAll()
  const growths = growthsOf(growing, ground, isWaitedFor)
  backfill.end()
  const { reserved } = backfill
  const reservations = reserved === null ? [] : [reservationOf(reserved)]
  const explanations = explain(waiting, quotas, memo, reserved)
  return { admissions, preemptions, reservations, growths, explanations, againAtMs }

  function wait(queue: string, jobs: readonly PendingJob[], why: Cause | Standing): void {
    if (jobs.length > 0) waiting.push({ queue, jobs, why })
  }

  /** As many of a queue as places are looked for in one plan: who is known not to fit is then tried like one who is not known. */
  function block(trying: Trying): void {
    const first = blocked.get(trying.group.queue) ?? []
    const at = first.findIndex((other) => isBefore(trying, other))
    first.splice(at < 0 ? first.length : at, 0, trying)
    blocked.set(trying.group.queue, first)
    const last = first.length > MAX_TRIES ? first.pop() : undefined
    if (last !== undefined) wait(last.group.queue, last.group.jobs, last.standing)
  }

  /** The next of the group, whose queue now has more. */
  function goOnAfter({ group, from, standing }: Trying): void {
    const following = group.jobs[from + 1]
    order.charged(group.queue)
    if (following !== undefined) order.push(tryingOf(group, from + 1, following, standing))
  }

  function lookAgainAt(atMs: number): void {
    againAtMs = Math.min(againAtMs ?? atMs, atMs)
  }

  function tryingOf(group: PendingGroup, from: number, job: PendingJob, standing: Standing): Trying {
    return { group, from, job, rank: rankOf(job, agedMs), standing }
  }

  function isStrict(queue: string): boolean {
    return tree.get(queue)?.spec.strategy === 'StrictFIFO'
  }
}

interface Trying {
  readonly group: PendingGroup
  /** Jobs of the group before this one have been admitted. */
  readonly from: number
  readonly job: PendingJob
  readonly rank: number
  readonly standing: Standing
}

/** In one queue. */
function isBefore(a: Trying, b: Trying): boolean {
  return a.rank === b.rank ? compareTurns(a.job, b.job) < 0 : a.rank > b.rank
}

interface Waiting {
  readonly queue: string
  readonly jobs: readonly PendingJob[]
  /** Its cause, or that it could be admitted and found no room. */
  readonly why: Cause | Standing
}

/**
 * The group in the order in which its jobs are tried now: those that have waited too long before the others.
 * @param ages told when the next of them will have
 */
function agedFirst(group: PendingGroup, agedMs: number, ages: (createdMs: number) => void): PendingGroup {
  let nextMs = Number.POSITIVE_INFINITY
  let isAnyAged = false
  // Of one priority whoever was created first comes first.
  for (const run of runsOf(group.jobs, ({ priority }) => priority)) {
    if ((group.jobs[run.from]?.createdMs ?? 0) <= agedMs) isAnyAged = true
    const next = firstIndex(run.from, run.to, (i) => (group.jobs[i]?.createdMs ?? 0) > agedMs)
    if (next < run.to) nextMs = Math.min(nextMs, group.jobs[next]?.createdMs ?? nextMs)
  }
  if (nextMs < Number.POSITIVE_INFINITY) ages(nextMs)
  if (!isAnyAged || group.jobs.length === 1) return group
  const jobs = group.jobs.toSorted((a, b) => rankOf(b, agedMs) - rankOf(a, agedMs) || compareTurns(a, b))
  return { ...group, jobs }
}

function noteAsks(
  asks: FirstAsks,
  queue: TreeQueue | undefined,
  { jobs }: PendingGroup,
  standing: Standing,
  agedMs: number,
): void {
  if (queue === undefined) return
  const { shape, flavors } = standing
  // The flavor it prefers: which of them it gets is known only at its turn.
  const asked = { flavor: flavors[0]?.rows.name ?? '', amounts: shape.amounts }
  for (const { value, from } of runsOf(jobs, (job) => rankOf(job, agedMs))) {
    asks.note(queue, value, jobs[from] as PendingJob, asked)
  }
}

function reservationOf({ job, startsAtMs, assignment }: Reserved): Reservation {
  return { job, startsAtMs, assignment }
}

/** Reasons are given on what is left at the end, so that they do not depend on when a group was looked at. */
function explain(waiting: readonly Waiting[], quotas: Quotas, memo: Memo, reserved: Reserved | null): Explanation[] {
  if (waiting.length === 0) return []
  const figures = memo.figures()
  return waiting.map(({ queue, jobs, why }) => ({
    jobs,
    cause: 'code' in why ? why : causeOf(queue, why),
  }))

  function causeOf(queue: string, standing: Standing): Cause {
    const cause = causeAtEnd(queue, standing, quotas, figures)
    // Where GPUs are there it may be that nothing is short at all, and they are kept.
    const isKept =
      reserved !== null &&
      cause.code === 'InsufficientCapacity' &&
      'flavors' in cause &&
      cause.flavors.some((flavor) => standing.shape.fits(flavor))
    return isKept ? { code: 'ReservedForAnother', startsAtMs: reserved.startsAtMs } : cause
  }
}
