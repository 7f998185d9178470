import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { JobRecord } from '../domain/job.ts'

/** Writes back what can change of jobs that lockJobs or lockJob locked, in one statement. */
export async function saveJobs(tx: Tx, jobs: readonly JobRecord[]): Promise<void> {
  if (jobs.length === 0) return
  const rows = jobs.map(
    ({
      id,
      uid,
      phase,
      admittedAt,
      startedAt,
      finishedAt,
      pending,
      failure,
      evictedAt,
      goneAt,
      seenEpoch,
      seenSeq,
    }) => ({
      id,
      uid,
      phase,
      admittedAt,
      startedAt,
      finishedAt,
      pending,
      failure,
      evictedAt,
      goneAt,
      seenEpoch,
      seenSeq,
    }),
  )
  await tx.execute(sql`
    update jobs
       set uid = row."uid", phase = row."phase", admitted_at = row."admittedAt", started_at = row."startedAt",
           finished_at = row."finishedAt", pending = nullif(row."pending", 'null'::jsonb),
           failure = nullif(row."failure", 'null'::jsonb), evicted_at = row."evictedAt", gone_at = row."goneAt",
           seen_epoch = row."seenEpoch", seen_seq = row."seenSeq"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row(
           "id" text, "uid" text, "phase" text, "admittedAt" timestamptz, "startedAt" timestamptz,
           "finishedAt" timestamptz, "pending" jsonb, "failure" jsonb, "evictedAt" timestamptz, "goneAt" timestamptz,
           "seenEpoch" integer, "seenSeq" bigint)
     where jobs.id = row."id"`)
}
