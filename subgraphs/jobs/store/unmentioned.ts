import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'

export interface ObjectRef extends Record<string, unknown> {
  uid: string
  namespace: string
  name: string
}

/** Job objects of a cluster that a resync did not mention: what was last seen in an earlier epoch. */
export function unmentionedJobs(tx: Tx, clusterId: string, epoch: number): Promise<ObjectRef[]> {
  return tx.execute<ObjectRef>(sql`
    select uid, namespace, object_name as name from jobs
     where cluster_id = ${clusterId} and seen_epoch < ${epoch} and uid is not null and gone_at is null`)
}

export function unmentionedPods(tx: Tx, clusterId: string, epoch: number): Promise<ObjectRef[]> {
  return tx.execute<ObjectRef>(sql`
    select uid, namespace, name from pods
     where cluster_id = ${clusterId} and seen_epoch < ${epoch} and gone_at is null`)
}
