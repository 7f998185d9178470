import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { NewJob } from '../domain/job.ts'

/** Stores new jobs, from submitJob or adopted from a cluster, in one statement. */
export async function insertJobs(tx: Tx, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return
  await tx.execute(sql`
    insert into jobs (id, tenant_id, project_id, queue_id, queue_name, cluster_id, name, namespace, object_name, uid,
                      adopted, created_by, image, command, env, labels, replicas, class, priority_class, priority, preemptible,
                      max_runtime_seconds, resources, phase, submitted_at, admitted_at, started_at, finished_at,
                      pending, failure, evicted_at, gone_at, seen_epoch, seen_seq)
    select "id", "tenantId", "projectId", "queueId", "queueName", "clusterId", "name", "namespace", "objectName", "uid",
           "adopted", "createdBy", "image", nullif("command", 'null'::jsonb), "env", "labels", "replicas", "class", "priorityClass", "priority", "preemptible",
           "maxRuntimeSeconds", "resources", "phase", "submittedAt", "admittedAt", "startedAt", "finishedAt",
           nullif("pending", 'null'::jsonb), nullif("failure", 'null'::jsonb), "evictedAt", "goneAt", "seenEpoch", "seenSeq"
      from jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) as row(
           "id" text, "tenantId" text, "projectId" text, "queueId" text, "queueName" text, "clusterId" text,
           "name" text, "namespace" text, "objectName" text, "uid" text, "adopted" boolean, "createdBy" text, "image" text,
           "command" jsonb, "env" jsonb, "labels" jsonb, "replicas" integer, "class" text, "priorityClass" text,
           "priority" integer, "preemptible" boolean, "maxRuntimeSeconds" integer, "resources" jsonb, "phase" text,
           "submittedAt" timestamptz, "admittedAt" timestamptz, "startedAt" timestamptz, "finishedAt" timestamptz,
           "pending" jsonb, "failure" jsonb, "evictedAt" timestamptz, "goneAt" timestamptz, "seenEpoch" integer,
           "seenSeq" bigint)`)
}
