import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'

/** Notes that a job's cost is complete. @returns whether this is the first time */
export async function markMetered(tx: Tx, jobId: string, at: string): Promise<boolean> {
  const marked = await tx.execute(sql`
    insert into metered_jobs (job_id, at) values (${jobId}, ${at}) on conflict do nothing returning 1`)
  return marked.length > 0
}
