import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { PodRecord } from '../domain/pod.ts'
import { POD_COLUMNS, type PodRow, podOf } from './podRows.ts'

/** The pods of a cluster that observations are about, locked until commit in the order of their ids. */
export async function lockPods(tx: Tx, clusterId: string, uids: readonly string[]): Promise<PodRecord[]> {
  const rows = await tx.execute<PodRow>(sql`
    select ${POD_COLUMNS} from pods
     where cluster_id = ${clusterId} and uid = any(${textArray(uids)})
     order by id for update`)
  return rows.map(podOf)
}
