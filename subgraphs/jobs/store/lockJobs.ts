import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { JobRecord } from '../domain/job.ts'
import { JOB_COLUMNS, type JobRow, jobOf } from './jobRows.ts'

/** A job to be changed, locked until commit; null where the actor sees none. */
export async function lockJob(tx: Tx, id: string): Promise<JobRecord | null> {
  const [row] = await tx.execute<JobRow>(sql`select ${JOB_COLUMNS} from jobs where id = ${id} for update`)
  return row ? jobOf(row) : null
}

/**
 * The jobs of a cluster that observations may be about, by uid of the Job object or by the job id it
 * claims. Locked until commit in the order of their ids, so that two writers cannot deadlock.
 */
export async function lockJobs(
  tx: Tx,
  clusterId: string,
  { uids, ids }: { uids: readonly string[]; ids: readonly string[] },
): Promise<JobRecord[]> {
  const rows = await tx.execute<JobRow>(sql`
    select ${JOB_COLUMNS} from jobs
     where id = any(array(
             -- Two lookups by index, and an array of few ids: with "or" all jobs of the cluster would be read.
             select id from jobs where cluster_id = ${clusterId} and uid = any(${textArray(uids)})
             union
             select id from jobs where cluster_id = ${clusterId} and id = any(${textArray(ids)})))
     order by id for update`)
  return rows.map(jobOf)
}
