import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { JobRecord } from '../domain/job.ts'
import { JOB_COLUMNS, type JobRow, jobOf } from './jobRows.ts'

/** Notes that a job's cost is complete. @returns the job the first time, null afterwards */
export async function markMetered(tx: Tx, id: string, at: string): Promise<JobRecord | null> {
  const [row] = await tx.execute<JobRow>(sql`
    update jobs set metered_at = ${at} where id = ${id} and metered_at is null returning ${JOB_COLUMNS}`)
  return row ? jobOf(row) : null
}
