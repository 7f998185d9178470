import type { JobObservation, JobRefusal } from '../../../platform/link/protocol.ts'
import { claimedEviction, claimedPending } from './claimedReasons.ts'
import type { JobChange, JobEventType } from './events.ts'
import { isFinal, type JobPhase, type JobRecord, notYetEvaluated } from './job.ts'

/** What an observation makes of a job, and what is to be told of it, in order. */
export interface Observed {
  job: JobRecord
  changes: JobChange[]
}

/**
 * Takes over what the cluster says of a job. An observation is a state: what lies between the known
 * state and this one is told step by step, with the time at which each step happened.
 * Final stays final, and what is known already tells nothing.
 * @param through when the cluster was in this state at the latest; stands for a time it does not tell
 */
export function observeJob(known: JobRecord, seen: JobObservation, through: string): Observed {
  if (isFinal(known.phase)) return { job: known, changes: [] }
  const changes: JobChange[] = []
  let job = known
  const tell = (type: JobEventType, at: string, next: JobRecord, why?: { reason: string; message: string } | null) => {
    job = next
    changes.push({ type, at, job, reason: why?.reason ?? null, message: why?.message ?? null })
  }

  const eviction = evictionOf(job, seen, through)
  if (eviction) tell('EVICTED', eviction.at, evicted(job, eviction.at), eviction)

  if (seen.state === 'PENDING') {
    const pending = claimedPending(seen)
    if (pending && pending.code !== job.pending?.code) {
      tell('REASON_CHANGED', pending.since, { ...job, pending }, { reason: pending.code, message: pending.message })
    } else if (pending) {
      job = { ...job, pending }
    }
    return { job, changes }
  }

  if (job.phase === 'PENDING' && (seen.admittedAt !== null || seen.state === 'ADMITTED' || seen.state === 'RUNNING')) {
    const admittedAt = latest(job.submittedAt, seen.admittedAt ?? seen.startedAt ?? through)
    tell('ADMITTED', admittedAt, { ...job, phase: 'ADMITTED', admittedAt, pending: null })
  }
  if (job.phase === 'ADMITTED' && (seen.startedAt !== null || seen.state === 'RUNNING')) {
    const startedAt = latest(job.admittedAt, seen.startedAt ?? through)
    tell('RUNNING', startedAt, { ...job, phase: 'RUNNING', startedAt })
  }
  if (isFinal(seen.state)) {
    const finishedAt = latest(job.startedAt ?? job.admittedAt ?? job.submittedAt, seen.finishedAt ?? through)
    const failure = seen.state === 'FAILED' ? (seen.failure ?? UNEXPLAINED_FAILURE) : null
    tell(seen.state as 'SUCCEEDED' | 'FAILED', finishedAt, finished(job, seen.state, finishedAt, failure), failure)
  }
  // A pod that is replaced makes the job count fewer ready pods for a while; once RUNNING, it stays so until it ends or is evicted.
  return { job, changes }
}

/** The Job object is gone: if nothing had ended it, somebody deleted it. */
export function observeJobGone(known: JobRecord, at: string): Observed {
  if (isFinal(known.phase)) return { job: { ...known, goneAt: known.goneAt ?? at }, changes: [] }
  const why = { reason: 'DELETED', message: 'The Job object was deleted in the cluster.' }
  const finishedAt = latest(known.startedAt ?? known.admittedAt ?? known.submittedAt, at)
  const job = { ...finished(known, 'CANCELLED', finishedAt, why), goneAt: at }
  return { job, changes: [{ type: 'CANCELLED', at: finishedAt, job, ...why }] }
}

/** The cluster will not have it as it is. There is no Job object that could say why it waits. */
export function observeRefusal(known: JobRecord, { message, at }: JobRefusal): Observed {
  if (known.phase !== 'PENDING' || known.uid !== null) return { job: known, changes: [] }
  const fix = 'Change what the message names and submit it again; cancel this one.'
  const pending = { code: 'Misconfigured', message: `The cluster refuses it: ${message}`, fix, since: at }
  if (known.pending?.code === pending.code && known.pending.message === pending.message)
    return { job: known, changes: [] }
  const job = { ...known, pending }
  return { job, changes: [{ type: 'REASON_CHANGED', at, job, reason: pending.code, message: pending.message }] }
}

/** CANCELLED from now on, whatever the cluster still has to do for it. */
export function cancelled(job: JobRecord, at: string, why: { reason: string; message: string }): JobRecord {
  return finished(job, 'CANCELLED', latest(job.startedAt ?? job.admittedAt ?? job.submittedAt, at), why)
}

const UNEXPLAINED_FAILURE = { reason: 'Failed', message: 'The Job failed; the cluster gave no reason.' }

/** Evicted since it was looked at last: said so, or seen waiting again although it had its slots. */
function evictionOf(job: JobRecord, seen: JobObservation, through: string) {
  const told = claimedEviction(seen)
  if (told && (job.evictedAt === null || Date.parse(told.at) > Date.parse(job.evictedAt))) return told
  if (seen.state !== 'PENDING' || job.phase === 'PENDING') return null
  const pending = claimedPending(seen)
  return {
    // A first resync of several batches has not been observed through to any time yet.
    at: pending?.since ?? latest(job.admittedAt ?? job.submittedAt, through),
    reason: pending?.code ?? 'Suspended',
    message: pending?.message ?? 'The Job was suspended.',
  }
}

function evicted(job: JobRecord, at: string): JobRecord {
  return { ...job, phase: 'PENDING', admittedAt: null, startedAt: null, evictedAt: at, pending: notYetEvaluated(at) }
}

function finished(job: JobRecord, phase: JobPhase, finishedAt: string, failure: JobRecord['failure']): JobRecord {
  return { ...job, phase, finishedAt, pending: null, failure }
}

/**
 * Kubernetes' times are cut to whole seconds, ours are not: without this a job could be admitted
 * some milliseconds before it was submitted.
 */
function latest(earlier: string | null, time: string): string {
  return earlier !== null && Date.parse(earlier) > Date.parse(time) ? earlier : new Date(time).toISOString()
}
