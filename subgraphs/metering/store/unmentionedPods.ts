import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'

/** Pods with open intervals that a resync did not mention: seen last in an earlier epoch. */
export async function unmentionedPods(tx: Tx, clusterId: string, epoch: number): Promise<string[]> {
  const rows = await tx.execute<{ uid: string }>(sql`
    select uid from pods
     where cluster_id = ${clusterId} and seen_epoch < ${epoch}
       and exists (select from intervals
                    where intervals.cluster_id = pods.cluster_id and pod_uid = pods.uid and state = 'OPEN')
     order by uid`)
  return rows.map(({ uid }) => uid)
}
