import type { PodResources, TopologyRequest } from '../../../platform/link/protocol.ts'

export type JobPhase = 'PENDING' | 'ADMITTED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
export type JobClass = 'INFERENCE' | 'INTERACTIVE' | 'TRAINING' | 'BATCH'

/** Times are RFC 3339 strings throughout, so that a job can stand in an event's body as it is. */
export interface Pending {
  code: string
  message: string
  fix: string | null
  since: string
}

export interface Failure {
  reason: string
  message: string
}

/** What the graph shows of a job; also its state as of an event. */
export interface JobView {
  id: string
  tenantId: string
  projectId: string
  /** null: it came by kubectl and names a queue that nobody knows. */
  queueId: string | null
  /** Came by kubectl: there is no directive that would create it. */
  adopted: boolean
  /** null: nobody told. */
  createdBy: string | null
  clusterId: string
  name: string
  phase: JobPhase
  class: JobClass
  priorityClass: string | null
  preemptible: boolean
  replicas: number
  resources: PodResources
  submittedAt: string
  admittedAt: string | null
  startedAt: string | null
  finishedAt: string | null
  /** Never null while PENDING, always null otherwise. */
  pending: Pending | null
  failure: Failure | null
}

/** A job with what only this subgraph needs to know. */
export interface JobRecord extends JobView {
  namespace: string
  objectName: string
  /** Name of the Queue object. */
  queueName: string | null
  /** uid of the Job object; null until it has been observed. */
  uid: string | null
  image: string
  /** Higher goes first. */
  priority: number
  maxRuntimeSeconds: number | null
  evictedAt: string | null
  goneAt: string | null
  seenEpoch: number
  seenSeq: number
}

/** A job that is not stored yet. */
export interface NewJob extends JobRecord {
  command: string[] | null
  env: { name: string; value: string }[]
  labels: { name: string; value: string }[]
  /** Kept in its directive alone, as minCount is. */
  topology: TopologyRequest | null
  minCount: number | null
}

const FINAL: ReadonlySet<JobPhase> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED'])

export function isFinal(phase: JobPhase): boolean {
  return FINAL.has(phase)
}

/** What a waiting job says until the scheduler has said something. */
export function notYetEvaluated(since: string): Pending {
  return {
    code: 'PendingEvaluation',
    message: 'The scheduler has not looked at this job yet.',
    fix: null,
    since,
  }
}

export function viewOf(job: JobRecord): JobView {
  return {
    id: job.id,
    tenantId: job.tenantId,
    projectId: job.projectId,
    queueId: job.queueId,
    adopted: job.adopted,
    createdBy: job.createdBy,
    clusterId: job.clusterId,
    name: job.name,
    phase: job.phase,
    class: job.class,
    priorityClass: job.priorityClass,
    preemptible: job.preemptible,
    replicas: job.replicas,
    resources: job.resources,
    submittedAt: job.submittedAt,
    admittedAt: job.admittedAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    pending: job.pending,
    failure: job.failure,
  }
}
