import { sql } from 'drizzle-orm'
import type { NewJob } from '../domain/job.ts'
import { JOB_COLUMNS, type JobRow, jobOf } from '../store/jobRows.ts'
import type { Jobs } from './startJobs.ts'

/** A job as it is stored, by its id or by the uid of its Job object. */
export async function storedJob(jobs: Jobs, by: string | { uid: string }): Promise<NewJob> {
  const [row] = await jobs.database.read({ role: 'ingest' }, (tx) =>
    tx.execute<JobRow>(sql`
      select ${JOB_COLUMNS} from jobs where ${typeof by === 'string' ? sql`id = ${by}` : sql`uid = ${by.uid}`}`),
  )
  if (!row) throw new Error(`no such job: ${JSON.stringify(by)}`)
  return { ...jobOf(row), command: null, env: [], labels: [], topology: null, minCount: null }
}
