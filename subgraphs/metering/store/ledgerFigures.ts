import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'

/** How far the ledger has come with one cluster. */
export interface ClusterFigures {
  clusterId: string
  /** Up to when it has heard everything, in domain time. */
  through: Date
  /** Intervals that have begun and not ended. */
  open: number
}

/** Of every cluster that has been heard of. */
export async function ledgerFigures(tx: Tx): Promise<ClusterFigures[]> {
  const rows = await tx.execute<{ cluster_id: string; through: string; open: number }>(sql`
    select cluster_id, through,
           (select count(*)::integer from intervals
             where intervals.cluster_id = observation_progress.cluster_id and state = 'OPEN') as open
      from observation_progress where epoch > 0`)
  return rows.map(({ cluster_id, through, open }) => ({ clusterId: cluster_id, through: instant(through), open }))
}
