import { sql } from 'drizzle-orm'
import { instant } from '../../../platform/database/database.ts'
import type { JobRecord } from '../domain/job.ts'

/** A row of jobs as execute() returns it. */
export interface JobRow extends Record<string, unknown> {
  id: string
  tenant_id: string
  project_id: string
  queue_id: string | null
  queue_name: string | null
  cluster_id: string
  name: string
  namespace: string
  object_name: string
  uid: string | null
  adopted: boolean
  created_by: string | null
  image: string
  replicas: number
  class: JobRecord['class']
  priority_class: string | null
  priority: number
  preemptible: boolean
  max_runtime_seconds: number | null
  resources: JobRecord['resources']
  phase: JobRecord['phase']
  submitted_at: string
  admitted_at: string | null
  started_at: string | null
  finished_at: string | null
  pending: JobRecord['pending']
  failure: JobRecord['failure']
  evicted_at: string | null
  gone_at: string | null
  seen_epoch: number
  seen_seq: string
}

/** All that a JobRecord has; command, env and labels stay where they are. */
export const JOB_COLUMNS = sql.raw(
  `id, tenant_id, project_id, queue_id, queue_name, cluster_id, name, namespace, object_name, uid, adopted, created_by, image,
   replicas, class, priority_class, priority, preemptible, max_runtime_seconds, resources, phase, submitted_at,
   admitted_at, started_at, finished_at, pending, failure, evicted_at, gone_at, seen_epoch, seen_seq`,
)

export function jobOf(row: JobRow): JobRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    projectId: row.project_id,
    queueId: row.queue_id,
    queueName: row.queue_name,
    clusterId: row.cluster_id,
    name: row.name,
    namespace: row.namespace,
    objectName: row.object_name,
    uid: row.uid,
    adopted: row.adopted,
    createdBy: row.created_by,
    image: row.image,
    replicas: row.replicas,
    class: row.class,
    priorityClass: row.priority_class,
    priority: row.priority,
    preemptible: row.preemptible,
    maxRuntimeSeconds: row.max_runtime_seconds,
    resources: row.resources,
    phase: row.phase,
    submittedAt: isoTime(row.submitted_at),
    admittedAt: isoTimeOrNull(row.admitted_at),
    startedAt: isoTimeOrNull(row.started_at),
    finishedAt: isoTimeOrNull(row.finished_at),
    pending: row.pending,
    failure: row.failure,
    evictedAt: isoTimeOrNull(row.evicted_at),
    goneAt: isoTimeOrNull(row.gone_at),
    seenEpoch: row.seen_epoch,
    seenSeq: Number(row.seen_seq),
  }
}

export function isoTime(value: string): string {
  return instant(value).toISOString()
}

export function isoTimeOrNull(value: string | null): string | null {
  return value === null ? null : isoTime(value)
}
