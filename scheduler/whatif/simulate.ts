import type { Assignment } from '../model/assignment.ts'
import type { PendingJob } from '../model/job.ts'
import { declaredRunMs, type RunningJob } from '../model/running.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { Memo } from '../plan/memo.ts'
import { type Plan, plan } from '../plan/plan.ts'
import { carryOut, end } from './comesTrue.ts'
import { World } from './world.ts'

/** What comes of a snapshot if nothing is submitted, nothing fails, and all who have declared an end run up to it. */
export interface Forecast {
  /** By uid, of jobs that wait now. */
  readonly starts: ReadonlyMap<string, Start>
  /** Uids of running jobs that are stopped for others. */
  readonly stopped: ReadonlySet<string>
  /** The first plan, which is that of now. */
  readonly first: Plan
  /** As it stands in the end. */
  readonly world: World
  /** How far it was looked ahead. */
  readonly untilMs: number
}
export interface Start {
  readonly atMs: number
  readonly assignment: Assignment
}

export interface Limits {
  /** Domain time up to which it is looked ahead. */
  readonly horizonMs: number
  /** Asked before each step; true ends it where it stands. */
  readonly isOver: () => boolean
  /** The one job about which it is asked: nothing is looked at after its start. */
  readonly only?: string
}

/** Least step, and the part of the time gone by that a step has at least: far ahead nobody needs the second. */
const LEAST_STEP_MS = 1_000
const STEP_PART = 0.02
/** What is stopped has ended after this: the grace that Kubernetes gives where nobody says otherwise. */
const GRACE_MS = 30_000

/**
 * Plans, lets the plan come true, and goes on to when the next ones end, again and again. Steps grow with the time
 * gone by, so that a week takes some six hundred at most. Whoever is stopped waits again in its old place once it has
 * ended, where it is known what it asks.
 */
export function simulate(snapshot: Snapshot, nowMs: number, { horizonMs, isOver, only }: Limits): Forecast {
  const world = new World(snapshot)
  const memo = new Memo()
  const starts = new Map<string, Start>()
  const stopped = new Set<string>()
  const goneAtMs = new Map<string, number>()
  /** As those waited who have been admitted in it. */
  const asked = new Map<string, PendingJob>()
  for (const { uid, isGoing } of world.running.values()) if (isGoing) goneAtMs.set(uid, nowMs + GRACE_MS)
  let atMs = nowMs
  const first = plan(world, atMs, memo)
  let planned = first
  for (;;) {
    for (const { job, assignment } of planned.admissions) {
      if (!stopped.has(job.uid)) starts.set(job.uid, { atMs, assignment })
      asked.set(job.uid, job)
    }
    for (const { victims } of planned.preemptions) {
      for (const uid of victims) {
        stopped.add(uid)
        goneAtMs.set(uid, atMs + GRACE_MS)
      }
    }
    carryOut(world, planned, atMs)
    const nextMs = nextEvent(world, planned, goneAtMs)
    const isAnswered = only !== undefined && starts.has(only)
    const isNobodyLeft = world.pendingJobs === 0 && !goneAtMs.keys().some((uid) => stopped.has(uid))
    if (isNobodyLeft || nextMs === null || isAnswered || isOver()) break
    const stepMs = Math.max(LEAST_STEP_MS, (atMs - nowMs) * STEP_PART)
    const steppedMs = Math.max(nextMs, atMs + stepMs)
    if (steppedMs > horizonMs) break
    atMs = steppedMs
    const ended = [...world.running.values()].filter((job) => endOf(job, goneAtMs) <= atMs)
    end(world, ended)
    for (const job of ended) {
      const isStopped = endOf(job, goneAtMs) === goneAtMs.get(job.uid) && stopped.has(job.uid)
      goneAtMs.delete(job.uid)
      const again = isStopped ? (asked.get(job.uid) ?? askedBy(job, world)) : null
      if (again !== null) world.setPending({ ...again, notBeforeMs: 0, nomination: null })
    }
    planned = plan(world, atMs, memo)
  }
  return { starts, stopped, first, world, untilMs: atMs }
}

/** What a running job would ask again; null: nobody can say. */
function askedBy(job: RunningJob, { queues }: World): PendingJob | null {
  const { uid, queue, priority, createdMs, gang } = job
  if (gang === undefined) return null
  return {
    uid,
    queue,
    // Of a queue of all tenants it does not matter.
    tenantId: queues.get(queue)?.spec.tenantId ?? '',
    priority,
    createdMs,
    notBeforeMs: 0,
    maxRuntimeMs: declaredRunMs(job, GRACE_MS),
    graceMs: GRACE_MS,
    mayPreempt: true,
    nomination: null,
    demand: gang,
  }
}

/** Null: nothing will change any more. */
function nextEvent(world: World, { againAtMs }: Plan, goneAtMs: ReadonlyMap<string, number>): number | null {
  let nextMs = againAtMs ?? Number.POSITIVE_INFINITY
  for (const job of world.running.values()) nextMs = Math.min(nextMs, endOf(job, goneAtMs))
  return nextMs === Number.POSITIVE_INFINITY ? null : nextMs
}

function endOf({ uid, endsAtMs }: RunningJob, goneAtMs: ReadonlyMap<string, number>): number {
  return Math.min(goneAtMs.get(uid) ?? Number.POSITIVE_INFINITY, endsAtMs ?? Number.POSITIVE_INFINITY)
}
