import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'

/**
 * What a cluster has shown and what others say of its jobs are taken in one after the other, until
 * commit: otherwise a pod and the fact about its job, arriving at once, would each miss the other.
 * Take it before anything is read.
 */
export async function lockCluster(tx: Tx, clusterId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`metering/${clusterId}`}, 0))`)
}
