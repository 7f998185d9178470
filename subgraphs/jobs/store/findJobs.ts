import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { JobRecord } from '../domain/job.ts'
import { JOB_COLUMNS, type JobRow, jobOf } from './jobRows.ts'

/** Those of the jobs that the actor sees, in no order. */
export async function findJobs(tx: Tx, ids: readonly string[]): Promise<JobRecord[]> {
  const rows = await tx.execute<JobRow>(sql`select ${JOB_COLUMNS} from jobs where id = any(${textArray(ids)})`)
  return rows.map(jobOf)
}
