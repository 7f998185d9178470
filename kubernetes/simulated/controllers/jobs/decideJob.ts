import { toSecondsTimestamp } from '../../../../platform/clock.ts'
import type { Job, Pod } from '../../../objects.ts'
import { type Condition, isTrue, withCondition } from '../../conditions.ts'
import { type Backoff, nextBackoff, resumesAtMs } from './backoff.ts'
import { deadlineMs, earlierFinish, type Finish, failure, success } from './finish.ts'
import { formatIndexes } from './indexRanges.ts'
import { hasEnded, isFailed, isReady, isTracked } from './jobPods.ts'
import { managePods, type PodChanges } from './managePods.ts'
import { type Tally, tallyPods } from './tally.ts'

export type JobStatus = NonNullable<Job['status']>

/** What one sync of a Job does, in this order. */
export interface JobDecision extends PodChanges {
  /** Pods to delete whose end still counts. */
  stop: Pod[]
  /** Pods whose end is counted now: the tracking finalizer goes. */
  release: Pod[]
  status: JobStatus
  backoff: Backoff
  /** Domain time when something is due without any event. */
  syncAgainAtMs: number | null
}

const NO_CHANGES: PodChanges = { dismiss: [], create: [], heldUntilMs: null }

/**
 * The Job controller's decision: pure, after syncJob of Kubernetes 1.36. It is simpler in one thing:
 * counting an ended pod and releasing it is one step, because here both are in one commit.
 * @param pods all pods whose controller is the Job
 */
export function decideJob(job: Job, pods: Pod[], nowMs: number, backoffBefore: Backoff): JobDecision {
  const tally = tallyPods(job, pods)
  const backoff = nextBackoff(backoffBefore, tally.newSucceeded, tally.newFailed)
  const isDeleted = job.metadata.deletionTimestamp !== undefined
  const fixed = earlierFinish(job) ?? failure(job, tally, nowMs)
  const goesOn = fixed === null && !isDeleted
  const changes = goesOn ? managePods(job, tally, resumesAtMs(backoff), nowMs) : NO_CHANGES
  const stop = fixed === null ? [] : tally.active
  const left = tally.active.filter((pod) => !stop.includes(pod) && !changes.dismiss.includes(pod))
  const finish = fixed ?? success(job, tally.succeeded, left.length + changes.create.length)
  const release = pods.filter(
    (pod) =>
      isTracked(pod) &&
      !changes.dismiss.includes(pod) &&
      (finish !== null || isDeleted || hasEnded(pod) || isFailed(pod, job)),
  )
  const status = nextStatus(job, tally, { finish, goesOn, left, created: changes.create.length, release, nowMs })
  return {
    ...changes,
    stop,
    release,
    status,
    backoff,
    syncAgainAtMs: finish === null ? earliest(changes.heldUntilMs, deadlineMs(job, status.startTime)) : null,
  }
}

interface Outcome {
  finish: Finish | null
  goesOn: boolean
  /** Active pods that stay. */
  left: Pod[]
  created: number
  release: Pod[]
  nowMs: number
}

function nextStatus(job: Job, tally: Tally, outcome: Outcome): JobStatus {
  const { finish, left, created, release, nowMs } = outcome
  const before = job.status ?? {}
  const now = toSecondsTimestamp(nowMs)
  // What was active and does not stay is terminating from now on.
  const terminating = tally.terminating.length + tally.active.length - left.length
  const conditions =
    finish === null
      ? outcome.goesOn
        ? suspension(job, now)
        : before.conditions
      : finished(before.conditions, finish, terminating === 0, now)
  // Where the Job has failed, whatever still ran has failed with it.
  const cutShort =
    finish?.type === 'FailureTarget' ? release.filter((pod) => !hasEnded(pod) && !isFailed(pod, job)) : []
  return compact({
    ...before,
    startTime: startTime(job, conditions, now),
    completionTime: isTrue(conditions, 'Complete') ? now : undefined,
    active: left.length + created,
    succeeded: tally.succeeded,
    failed: tally.failed + cutShort.length,
    completedIndexes: formatIndexes(tally.completedIndexes),
    conditions,
    uncountedTerminatedPods: {},
    ready: left.filter(isReady).length,
    terminating,
  })
}

function suspension({ spec, status }: Job, now: string): readonly Condition[] | undefined {
  const before = status?.conditions
  if (spec?.suspend) {
    return withCondition(
      before,
      { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' },
      now,
    )
  }
  if (!isTrue(before, 'Suspended')) return before
  return withCondition(
    before,
    { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' },
    now,
  )
}

function finished(
  before: readonly Condition[] | undefined,
  finish: Finish,
  hasLastPodEnded: boolean,
  now: string,
): readonly Condition[] {
  const target = withCondition(before, { ...finish, status: 'True' }, now)
  if (!hasLastPodEnded) return target
  const type = finish.type === 'FailureTarget' ? 'Failed' : 'Complete'
  return withCondition(target, { ...finish, type, status: 'True' }, now)
}

/** Suspending forgets the start, and resuming starts anew: a deadline counts the time since the last resume. */
function startTime(
  { spec, status }: Job,
  conditions: readonly Condition[] | undefined,
  now: string,
): string | undefined {
  const wasSuspended = isTrue(status?.conditions, 'Suspended')
  const isSuspended = isTrue(conditions, 'Suspended')
  if (isSuspended && !wasSuspended) return undefined
  if (wasSuspended && !isSuspended) return now
  return status?.startTime ?? (spec?.suspend ? undefined : now)
}

/** As the API server writes it: most counts are left out at zero. */
function compact(status: Record<string, unknown>): JobStatus {
  const said: Record<string, unknown> = {}
  for (const key in status) {
    const value = status[key]
    const isNothing = value === undefined || value === '' || (value === 0 && !SAID_AT_ZERO.has(key))
    if (!isNothing) said[key] = value
  }
  return said as JobStatus
}

const SAID_AT_ZERO = new Set(['ready', 'terminating'])

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}
