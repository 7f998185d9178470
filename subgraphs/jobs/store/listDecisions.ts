import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { Page } from '../../../platform/graph/pages.ts'
import { decisionKind, type JobDecision } from '../domain/jobDecision.ts'

/**
 * The same page of what was decided about several jobs at once, the oldest first; one more per job than the page holds.
 * From the event log, and kept as long as that. The types are those of the index events_decisions.
 */
export async function listDecisionsOfJobs(
  tx: Tx,
  jobIds: readonly string[],
  page: Page,
): Promise<Map<string, JobDecision[]>> {
  const rows = await tx.execute<{
    job_id: string
    id: string
    at: string
    type: string
    reason: string | null
    message: string | null
  }>(sql`
    select page.* from unnest(${textArray(jobIds)}) as job(id)
     cross join lateral (
       select events.subject_id as job_id, events.id::text as id, events.at, substr(events.type, 5) as type,
              events.body ->> 'reason' as reason, events.body ->> 'message' as message
         from events
        where events.subject_id = job.id and events.type in ('job.ADMITTED', 'job.EVICTED', 'job.REASON_CHANGED')
              ${page.after === null ? sql`` : sql`and events.id > ${page.after}::bigint`}
        order by events.id limit ${page.limit + 1}) as page`)
  return Map.groupBy(
    rows.map(({ job_id, at, type, reason, ...row }) => ({
      jobId: job_id,
      ...row,
      reason,
      at: instant(at).toISOString(),
      kind: decisionKind(type, reason),
    })),
    ({ jobId }) => jobId,
  )
}
