import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { Page } from '../../../platform/graph/pages.ts'
import type { PodRecord } from '../domain/pod.ts'
import { POD_COLUMNS, type PodRow, podOf } from './podRows.ts'

/** The same page of several jobs' pods at once, the oldest first; one more per job than the page holds. */
export async function listPodsOfJobs(tx: Tx, jobIds: readonly string[], page: Page): Promise<Map<string, PodRecord[]>> {
  const rows = await tx.execute<PodRow>(sql`
    select page.* from unnest(${textArray(jobIds)}) as job(id)
     cross join lateral (
       select ${POD_COLUMNS} from pods
        where pods.job_id = job.id ${page.after === null ? sql`` : sql`and pods.id > ${page.after}`}
        order by pods.id limit ${page.limit + 1}) as page`)
  return Map.groupBy(rows.map(podOf), (pod) => pod.jobId ?? '')
}

/** Those of the pods that the actor sees, in no order. */
export async function findPods(tx: Tx, ids: readonly string[]): Promise<PodRecord[]> {
  const rows = await tx.execute<PodRow>(sql`select ${POD_COLUMNS} from pods where id = any(${textArray(ids)})`)
  return rows.map(podOf)
}

/** Of each job the pod that failed first, where one did. */
export async function firstFailedPods(tx: Tx, jobIds: readonly string[]): Promise<Map<string, PodRecord>> {
  if (jobIds.length === 0) return new Map()
  const rows = await tx.execute<PodRow>(sql`
    select distinct on (job_id) ${POD_COLUMNS} from pods
     where job_id = any(${textArray(jobIds)}) and phase = 'Failed' and reason is distinct from 'Deleted'
     order by job_id, finished_at, id`)
  return new Map(rows.map(podOf).map((pod) => [pod.jobId ?? '', pod]))
}
