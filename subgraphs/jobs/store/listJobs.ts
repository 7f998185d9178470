import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { Page } from '../../../platform/graph/pages.ts'
import type { JobPhase, JobRecord } from '../domain/job.ts'
import { JOB_COLUMNS, type JobRow, jobOf } from './jobRows.ts'

export interface JobFilter {
  projectId: string | null
  queueId: string | null
  /** null: all phases. */
  phases: readonly JobPhase[] | null
}

/** Newest first, by id: ids sort by the time they were made. One more than the page holds. */
export async function listJobs(tx: Tx, filter: JobFilter, page: Page): Promise<JobRecord[]> {
  const rows = await tx.execute<JobRow>(sql`
    select ${JOB_COLUMNS} from jobs
     where ${matches(filter)} ${page.after === null ? sql`` : sql`and id < ${page.after}`}
     order by id desc limit ${page.limit + 1}`)
  return rows.map(jobOf)
}

export async function countJobs(tx: Tx, filter: JobFilter): Promise<number> {
  const [row] = await tx.execute<{ count: string }>(sql`select count(*) from jobs where ${matches(filter)}`)
  return Number(row?.count)
}

function matches({ projectId, queueId, phases }: JobFilter): SQL {
  return sql.join(
    [
      sql`true`,
      ...(projectId === null ? [] : [sql`project_id = ${projectId}`]),
      ...(queueId === null ? [] : [sql`queue_id = ${queueId}`]),
      ...(phases === null ? [] : [sql`phase = any(${textArray(phases)})`]),
    ],
    sql` and `,
  )
}
