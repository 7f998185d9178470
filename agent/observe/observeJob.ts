import { annotations, DEFAULT_CLASS, DEFAULT_QUEUE, labels, PRIORITY_OF_CLASS } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import type { JobDirective, JobObservation } from '../../platform/link/protocol.ts'
import { writtenCount } from '../../scheduler/live/elastic.ts'
import { countIn, objectIn, textIn, timeIn } from './claims.ts'
import { startedAt } from './observePod.ts'
import type { Owner } from './ownership.ts'
import { requestedResources } from './requestedResources.ts'

/**
 * What jobs is told of a Job, given the pods that exist of it. Never throws, whatever a tenant wrote on
 * it: a Job that were left out would count as deleted.
 */
export function observeJob(job: Job, owner: Owner, pods: readonly Pod[]): JobObservation {
  const { metadata, spec, status } = job
  const told = metadata.annotations ?? {}
  const failed = condition(job, 'Failed')
  const finished = failed ?? condition(job, 'Complete')
  const isSuspended = spec?.suspend === true
  const running = isSuspended ? null : runningSince(job, pods)
  const state = stateOf({ hasFailed: failed !== undefined, hasFinished: finished !== undefined, isSuspended, running })
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    ...owner,
    jobId: metadata.labels?.[labels.job] ?? null,
    queue: metadata.labels?.[labels.queue] ?? DEFAULT_QUEUE,
    createdBy: textIn(told[annotations.createdBy]),
    state,
    createdAt: metadata.creationTimestamp ?? '',
    admittedAt: isSuspended ? null : timeIn(told[annotations.admittedAt]),
    startedAt: running,
    finishedAt: finished ? (status?.completionTime ?? finished.lastTransitionTime ?? null) : null,
    evicted: evictedIn(told[annotations.evicted]),
    pending: state === 'PENDING' ? pendingIn(told[annotations.pending]) : null,
    failure: failed ? { reason: failed.reason ?? 'Failed', message: textIn(failed.message) ?? '' } : null,
    spec: specOf(job),
  }
}

interface Facts {
  hasFailed: boolean
  hasFinished: boolean
  isSuspended: boolean
  running: string | null
}

function stateOf({ hasFailed, hasFinished, isSuspended, running }: Facts): JobObservation['state'] {
  if (hasFinished) return hasFailed ? 'FAILED' : 'SUCCEEDED'
  if (isSuspended) return 'PENDING'
  return running === null ? 'ADMITTED' : 'RUNNING'
}

function condition(job: Job, type: string) {
  return job.status?.conditions?.find((each) => each.type === type && each.status === 'True')
}

/** Slots of the gang: as many pods as run at a time. */
function slotsOf({ spec }: Job): number {
  const parallelism = spec?.parallelism ?? 1
  return Math.min(parallelism, spec?.completions ?? parallelism)
}

/** Pods that it cannot do without: an elastic one its fewest, since more may come while it runs. */
function neededBy(job: Job): number {
  return Math.min(slotsOf(job), writtenCount(job, annotations.minCount) ?? slotsOf(job))
}

/**
 * From when all pods that it needs had started; null before. Pods of an earlier admission do not count:
 * they stay for a while, until they are metered.
 */
function runningSince(job: Job, pods: readonly Pod[]): string | null {
  const admittedMs = admittedMsOf(job) ?? 0
  const starts = pods
    .filter((pod) => (admittedMsOf(pod) ?? 0) >= admittedMs)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(startedAt)
    .filter((start) => start !== null)
    .sort()
  return starts[neededBy(job) - 1] ?? null
}

function admittedMsOf({ metadata }: Job | Pod): number | null {
  const time = timeIn(metadata.annotations?.[annotations.admittedAt])
  return time === null ? null : Date.parse(time)
}

function evictedIn(text: string | undefined): JobObservation['evicted'] {
  const told = objectIn(text)
  const at = timeIn(told?.at)
  const reason = textIn(told?.reason)
  const message = textIn(told?.message)
  return at === null || reason === null || message === null ? null : { at, reason, message }
}

function pendingIn(text: string | undefined): JobObservation['pending'] {
  const told = objectIn(text)
  const code = textIn(told?.code)
  const message = textIn(told?.message)
  const since = timeIn(told?.since)
  return code === null || message === null || since === null ? null : { code, message, fix: textIn(told?.fix), since }
}

/** A Job that came by kubectl is known by this alone. */
function specOf(job: Job): JobObservation['spec'] {
  const template = job.spec?.template
  return {
    // One that runs smaller than it asked keeps beside how many those were.
    replicas: Math.max(slotsOf(job), writtenCount(job, annotations.count) ?? 0),
    class: classIn(job.metadata.annotations?.[annotations.class]),
    priorityClass: template?.spec?.priorityClassName ?? null,
    preemptible: job.metadata.annotations?.[annotations.preemptible] !== 'false',
    maxRuntimeSeconds: countIn(job.spec?.activeDeadlineSeconds),
    resources: requestedResources(template),
    image: textIn(template?.spec?.containers[0]?.image) ?? '',
  }
}

function classIn(claimed: string | undefined): JobDirective['class'] {
  const isClass = claimed !== undefined && Object.hasOwn(PRIORITY_OF_CLASS, claimed)
  return isClass ? (claimed as JobDirective['class']) : DEFAULT_CLASS
}
