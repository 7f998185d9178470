import { annotations, GPU_RESOURCE, labels, PRIORITY_OF_CLASS } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import { memoryMiB } from '../../kubernetes/quantity.ts'
import type { JobDirective, JobObservation, PodResources } from '../../platform/link/protocol.ts'
import { DEFAULT_QUEUE } from '../../scheduler/model/queue.ts'
import { startedAt } from './observePod.ts'

/** What jobs is told of a Job, given the pods that exist of it. */
export function observeJob(
  job: Job,
  owner: { tenantId: string; projectId: string },
  pods: readonly Pod[],
): JobObservation {
  const { metadata, spec } = job
  const note = (key: string) => metadata.annotations?.[key] ?? null
  const finished = condition(job, 'Complete') ?? condition(job, 'Failed')
  const running = runningSince(job, pods)
  const failed = condition(job, 'Failed')
  const state = finished
    ? failed
      ? 'FAILED'
      : 'SUCCEEDED'
    : spec?.suspend
      ? 'PENDING'
      : running
        ? 'RUNNING'
        : 'ADMITTED'
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    ...owner,
    jobId: metadata.labels?.[labels.job] ?? null,
    queue: metadata.labels?.[labels.queue] ?? DEFAULT_QUEUE,
    state,
    createdAt: metadata.creationTimestamp ?? '',
    admittedAt: spec?.suspend ? null : note(annotations.admittedAt),
    startedAt: spec?.suspend ? null : running,
    finishedAt: finished ? (job.status?.completionTime ?? finished.lastTransitionTime ?? null) : null,
    evicted: parsed<JobObservation['evicted']>(note(annotations.evicted)),
    pending: state === 'PENDING' ? pendingOf(note(annotations.pending)) : null,
    failure: failed ? { reason: failed.reason ?? 'Failed', message: failed.message ?? '' } : null,
    spec: specOf(job),
  }
}

function condition(job: Job, type: string) {
  return job.status?.conditions?.find((each) => each.type === type && each.status === 'True')
}

/** Slots of the gang: as many pods as run at a time. */
function slotsOf({ spec }: Job): number {
  const parallelism = spec?.parallelism ?? 1
  return Math.min(parallelism, spec?.completions ?? parallelism)
}

/**
 * From when all pods that it needs had started; null before. Pods of an earlier admission do not count:
 * they stay for a while, until they are metered.
 */
function runningSince(job: Job, pods: readonly Pod[]): string | null {
  const admittedAt = job.metadata.annotations?.[annotations.admittedAt] ?? ''
  const starts = pods
    .filter(({ metadata }) => (metadata.annotations?.[annotations.admittedAt] ?? '') >= admittedAt)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(startedAt)
    .filter((start) => start !== null)
    .sort()
  return starts[slotsOf(job) - 1] ?? null
}

function pendingOf(text: string | null): JobObservation['pending'] {
  const pending = parsed<{ code: string; message: string; fix?: string; since: string }>(text)
  return pending && { ...pending, fix: pending.fix ?? null }
}

/** Annotations can be written by tenants: what is no JSON says nothing. */
function parsed<T>(text: string | null): T | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as T
  } catch {
    return null
  }
}

/** A Job that came by kubectl is known by this alone. */
function specOf(job: Job): JobObservation['spec'] {
  const template = job.spec?.template
  const claimed = job.metadata.annotations?.[annotations.class]
  return {
    replicas: slotsOf(job),
    class: claimed !== undefined && claimed in PRIORITY_OF_CLASS ? (claimed as JobDirective['class']) : 'TRAINING',
    priorityClass: template?.spec?.priorityClassName ?? null,
    preemptible: job.metadata.annotations?.[annotations.preemptible] !== 'false',
    maxRuntimeSeconds: job.spec?.activeDeadlineSeconds ?? null,
    resources: resourcesOf(job),
    image: template?.spec?.containers[0]?.image ?? '',
  }
}

function resourcesOf(job: Job): PodResources {
  const template = job.spec?.template
  const container = template?.spec?.containers[0]
  const note = (key: string) => template?.metadata?.annotations?.[key]
  // A limit alone is a request too, but only in pods does the API server write it down.
  const requested = (name: string) =>
    container?.resources?.requests?.[name] ?? container?.resources?.limits?.[name] ?? '0'
  const count = Number(container?.resources?.limits?.[GPU_RESOURCE] ?? 0)
  const share = note(annotations.gpuShare) ?? null
  const memory = note(annotations.gpuMemoryMib)
  const asksGpu = count > 0 || share !== null || memory !== undefined
  return {
    cpu: decimalCores(requested('cpu')),
    memoryMiB: memoryMiB(requested('memory'), 'up'),
    gpu: asksGpu
      ? {
          count: count > 0 ? count : null,
          share,
          memoryMiB: memory === undefined ? null : Number(memory),
          models: note(annotations.gpuModels)?.split(',') ?? [],
        }
      : null,
  }
}

/** "1500m" and "1.5" are both 1.5 cores. */
function decimalCores(quantity: string): string {
  return quantity.endsWith('m') ? String(Number(quantity.slice(0, -1)) / 1000) : quantity
}
