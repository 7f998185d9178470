import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { JobRecord } from '../domain/job.ts'

/** Writes back what jobs that came by kubectl ask for, which their owner has changed in the cluster, in one statement. */
export async function saveWanted(tx: Tx, jobs: readonly JobRecord[]): Promise<void> {
  if (jobs.length === 0) return
  await tx.execute(sql`
    update jobs
       set queue_id = row."queueId", queue_name = row."queueName", image = row."image", replicas = row."replicas",
           class = row."class", priority_class = row."priorityClass", priority = row."priority",
           preemptible = row."preemptible", max_runtime_seconds = row."maxRuntimeSeconds", resources = row."resources"
      from jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) as row(
           "id" text, "queueId" text, "queueName" text, "image" text, "replicas" integer, "class" text,
           "priorityClass" text, "priority" integer, "preemptible" boolean, "maxRuntimeSeconds" integer,
           "resources" jsonb)
     where jobs.id = row."id"`)
}
