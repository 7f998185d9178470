import type { NewEvent } from '../../../platform/events/events.ts'
import type { StoredEvent } from '../../../platform/events/hub.ts'
import type { Json } from '../../../platform/json.ts'
import { type JobRecord, type JobView, viewOf } from './job.ts'
import { type PodRecord, type PodView, podViewOf } from './pod.ts'

export type JobEventType =
  | 'SUBMITTED'
  | 'ADMITTED'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'CANCELLED'
  | 'EVICTED'
  | 'REASON_CHANGED'
  | 'METERED'
export type PodEventType = 'CREATED' | 'BOUND' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'GONE'

/** Something that happened to a job, with the job as it was after it. */
export interface JobChange {
  type: JobEventType
  at: string
  job: JobRecord
  reason: string | null
  message: string | null
}
export interface PodChange {
  type: PodEventType
  at: string
  pod: PodRecord
}

/** As subscribers get it. */
export interface JobEvent {
  cursor: string
  at: string
  type: JobEventType | 'LAGGED'
  job: JobView | null
  pod: PodView | null
  reason: string | null
  message: string | null
}
export interface PodEvent {
  cursor: string
  at: string
  type: PodEventType | 'LAGGED'
  pod: PodView | null
}

/** Jobs and pods share one log, so that their order is one; the type says which it is. */
const JOB = 'job.'
const POD = 'pod.'

interface JobBody {
  job: JobView
  pod: PodView | null
  reason: string | null
  message: string | null
}
interface PodBody {
  pod: PodView
}

/** @param pod the pod that brought it about */
export function jobEvent({ type, at, job, reason, message }: JobChange, pod: PodView | null = null): NewEvent {
  const body: JobBody = { job: viewOf(job), pod, reason, message }
  return {
    tenantId: job.tenantId,
    type: JOB + type,
    at: new Date(at),
    subjectId: job.id,
    projectId: job.projectId,
    body: body as unknown as Json,
  }
}

export function podEvent({ type, at, pod }: PodChange): NewEvent {
  const body: PodBody = { pod: podViewOf(pod) }
  return {
    tenantId: pod.tenantId,
    type: POD + type,
    at: new Date(at),
    subjectId: pod.id,
    projectId: pod.projectId,
    body: body as unknown as Json,
  }
}

export function isJobEvent({ type }: Pick<NewEvent, 'type'>): boolean {
  return type.startsWith(JOB)
}

export function isPodEvent({ type }: Pick<NewEvent, 'type'>): boolean {
  return type.startsWith(POD)
}

export function readJobEvent({ cursor, at, type, body }: StoredEvent): JobEvent {
  const { job, pod, reason, message } = body as unknown as JobBody
  return { cursor, at: at.toISOString(), type: type.slice(JOB.length) as JobEventType, job, pod, reason, message }
}

export function readPodEvent({ cursor, at, type, body }: StoredEvent): PodEvent {
  return { cursor, at: at.toISOString(), type: type.slice(POD.length) as PodEventType, pod: podOf(body) }
}

/** The job a pod's event belongs to, if its job was known then. */
export function jobIdOfPodEvent({ body }: Pick<NewEvent, 'body'>): string | null {
  return podOf(body).jobId
}

function podOf(body: Json): PodView {
  return (body as unknown as PodBody).pod
}
