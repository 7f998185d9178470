import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'

/** Ids of the jobs that the pods belong to, as far as they are known. */
export async function jobsOfPods(tx: Tx, clusterId: string, uids: readonly string[]): Promise<string[]> {
  if (uids.length === 0) return []
  const rows = await tx.execute<{ job_id: string }>(sql`
    select distinct job_id from pods
     where cluster_id = ${clusterId} and uid = any(${textArray(uids)}) and job_id is not null`)
  return rows.map(({ job_id }) => job_id)
}
