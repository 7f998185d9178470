import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'

/** Gives pods that were seen before their Job their job, once the Job's uid is known. */
export async function linkPods(tx: Tx, clusterId: string, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return
  await tx.execute(sql`
    update pods set job_id = jobs.id
      from jobs
     where jobs.id = any(${textArray(jobIds)})
       and pods.cluster_id = ${clusterId} and pods.job_uid = jobs.uid and pods.job_id is null
       and pods.project_id = jobs.project_id`)
}
