import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'

/** How many pods of each job are on nodes and have not ended. */
export async function countPodsOnNodes(tx: Tx, jobIds: readonly string[]): Promise<Map<string, number>> {
  if (jobIds.length === 0) return new Map()
  const rows = await tx.execute<{ job_id: string; count: string }>(sql`
    select job_id, count(*) from pods
     where job_id = any(${textArray(jobIds)}) and node is not null and finished_at is null and gone_at is null
     group by job_id`)
  return new Map(rows.map(({ job_id, count }) => [job_id, Number(count)]))
}
