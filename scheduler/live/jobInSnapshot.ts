import { atSize, type Gang } from '../model/gang.ts'
import { isGang, type PendingJob } from '../model/job.ts'
import type { Policy } from '../model/policy.ts'
import { amountsOf, endOf, type RunningJob } from '../model/running.ts'
import type { BudgetBook } from './budgetBook.ts'
import { aboveItsClass } from './highestClass.ts'
import { admissionOf, type JobEntry, lacksOf } from './jobEntry.ts'

/**
 * The job as plans are told of it with what it holds, also while it is being stopped or when it is gone before its pods;
 * null where it holds nothing.
 */
export function runningJobOf(entry: JobEntry, budgets: BudgetBook): RunningJob | null {
  const { read, held, uid, queue, change, flavor, pods } = entry
  const admission = admissionOf(entry)
  // Without a flavor it never was admitted: a pod of the system, or of somebody else.
  if (held.size === 0 || flavor === null) return null
  const list = [...held.values()]
  const lacks = lacksOf(entry)
  return {
    uid,
    queue,
    priority: read?.priority ?? 0,
    preemptible: read?.preemptible ?? false,
    createdMs: read?.createdMs ?? 0,
    admittedAtMs: admission?.admittedAtMs ?? 0,
    endsAtMs: read && admission && endOf(admission.admittedAtMs, read.maxRuntimeMs, read.graceMs),
    flavor,
    held: list,
    amounts: amountsOf(list),
    ...(read && isGang(read.demand) && read.volumeClaims.length === 0 && { gang: asItRuns(read.demand, read.count) }),
    ...(lacks > 0 && { lacks }),
    isGoing: admission === null || change?.kind === 'requeue',
    budgets: budgets.of(entry),
    pods: [...pods.values()].filter(({ node, hasEnded }) => node !== null && !hasEnded).length,
  }
}

function asItRuns(gang: Gang, count: number): Gang {
  return gang.most === undefined ? gang : atSize(gang, count)
}

/**
 * The job as it is offered to plans: suspended Jobs of ours, once nothing of an earlier admission runs any more.
 * @param before what was offered before: the same object is returned where nothing of it has changed
 */
export function pendingJobOf(entry: JobEntry, policy: Policy, before: PendingJob | undefined): PendingJob | null {
  const { uid, read, tenantId, isHeldBack, change, held } = entry
  if (read === null || tenantId === null || read.isOver || !read.isSuspended) return null
  if (isHeldBack || change !== null || held.size > 0) return null
  const { queue, priority, createdMs, jobId, mayPreempt, nomination, maxRuntimeMs, graceMs } = read
  const demand = aboveItsClass(policy, tenantId, read, before?.demand) ?? read.demand
  const notBeforeMs = read.requeue?.notBeforeMs ?? 0
  const turn = { priority, createdMs, jobId, notBeforeMs, mayPreempt, nomination, maxRuntimeMs, graceMs }
  const offered: PendingJob = { uid, queue, tenantId, ...turn, demand }
  return before !== undefined && isSame(before, offered) ? before : offered
}

function isSame(a: PendingJob, b: PendingJob): boolean {
  return (Object.keys(b) as (keyof PendingJob)[]).every((field) => a[field] === b[field])
}
