import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, jsonb, pgSchema, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import { commonTables } from '../../../platform/database/common.ts'

export const jobsSchema = pgSchema('jobs')

export const {
  events,
  eventHorizons,
  logEpoch,
  feedEntries,
  feedSequence,
  knownFacts,
  factsThrough,
  observationProgress,
  quarantine,
  idempotency,
  retentionMarks,
  auditLog,
} = commonTables(jobsSchema)

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** What was submitted, and what the cluster has said of it since. */
export const jobs = jobsSchema.table(
  'jobs',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    projectId: text('project_id').notNull(),
    /** null: the Job came by kubectl and names a queue that nobody knows. */
    queueId: text('queue_id'),
    /** Name of the Queue object in Kubernetes. */
    queueName: text('queue_name'),
    clusterId: text('cluster_id').notNull(),
    name: text('name').notNull(),
    namespace: text('namespace').notNull(),
    /** Name of the Job object in Kubernetes. */
    objectName: text('object_name').notNull(),
    /** uid of the Job object; null until it has been observed. */
    uid: text('uid'),
    /** Came by kubectl: has no directive. */
    adopted: boolean('adopted').notNull(),
    /** Principal that submitted it, or the Kubernetes user who created the Job; null: nobody told. */
    createdBy: text('created_by'),
    image: text('image').notNull(),
    command: jsonb('command'),
    env: jsonb('env').notNull(),
    labels: jsonb('labels').notNull(),
    replicas: integer('replicas').notNull(),
    class: text('class').notNull(),
    priorityClass: text('priority_class'),
    /** Higher goes first. */
    priority: integer('priority').notNull(),
    preemptible: boolean('preemptible').notNull(),
    maxRuntimeSeconds: integer('max_runtime_seconds'),
    /** PodResources of one pod. */
    resources: jsonb('resources').notNull(),
    phase: text('phase').notNull(),
    submittedAt: at('submitted_at').notNull(),
    admittedAt: at('admitted_at'),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
    /** { code, message, fix, since }: always there while PENDING. */
    pending: jsonb('pending'),
    /** { reason, message } of a failure or of a cancellation. */
    failure: jsonb('failure'),
    /** Of the last eviction told, so that it is told once. */
    evictedAt: at('evicted_at'),
    /** When the Job object was gone. */
    goneAt: at('gone_at'),
    /** Epoch and sequence number of the newest observation applied. */
    seenEpoch: integer('seen_epoch').notNull(),
    seenSeq: bigint('seen_seq', { mode: 'number' }).notNull(),
  },
  (table) => [
    uniqueIndex('jobs_object').on(table.clusterId, table.uid),
    index('jobs_tenant').on(table.tenantId, table.id),
    index('jobs_project').on(table.projectId, table.id),
    index('jobs_queue').on(table.queueId, table.id),
    // Positions in a queue are computed when asked: this index holds only those that wait.
    index('jobs_waiting')
      .on(table.clusterId, table.queueName, table.priority.desc(), table.submittedAt, table.id)
      .where(sql`phase = 'PENDING'`),
    // A resync asks for those of a cluster that were not mentioned.
    index('jobs_present').on(table.clusterId, table.seenEpoch).where(sql`uid is not null and gone_at is null`),
  ],
)

/** Pods that the cluster has shown, kept after they are gone. */
export const pods = jobsSchema.table(
  'pods',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    projectId: text('project_id').notNull(),
    /** null: no Job of ours owns it, or its Job has not been observed yet. */
    jobId: text('job_id'),
    /** uid of the owning Job object. */
    jobUid: text('job_uid'),
    clusterId: text('cluster_id').notNull(),
    uid: text('uid').notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    node: text('node'),
    phase: text('phase').notNull(),
    reason: text('reason'),
    createdAt: at('created_at').notNull(),
    admittedAt: at('admitted_at'),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
    exitCode: integer('exit_code'),
    slot: integer('slot'),
    /** [{ index, uuid, model, share, identity }] */
    devices: jsonb('devices').notNull(),
    goneAt: at('gone_at'),
    seenEpoch: integer('seen_epoch').notNull(),
    seenSeq: bigint('seen_seq', { mode: 'number' }).notNull(),
  },
  (table) => [
    uniqueIndex('pods_object').on(table.clusterId, table.uid),
    index('pods_job').on(table.jobId, table.id),
    index('pods_orphan').on(table.clusterId, table.jobUid).where(sql`job_id is null`),
    index('pods_present').on(table.clusterId, table.seenEpoch).where(sql`gone_at is null`),
  ],
)

/**
 * Jobs whose METERED event has been appended, so that it is told once. A table of its own: facts are
 * applied in the order of their feed, and locking rows of jobs in that order could deadlock with a
 * batch of observations, which locks them by id.
 */
export const meteredJobs = jobsSchema.table('metered_jobs', {
  jobId: text('job_id').primaryKey(),
  at: at('at').notNull(),
})
