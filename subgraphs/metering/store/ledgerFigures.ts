import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'

/** How far the ledger has come with one cluster. */
export interface ClusterFigures {
  /** Its name; its id, as long as inventory has not told the name. */
  cluster: string
  /** Up to when it has heard everything, in domain time. */
  through: Date
  /** Intervals that have begun and not ended. */
  open: number
}

/** Of every cluster that has been heard of. */
export async function ledgerFigures(tx: Tx): Promise<ClusterFigures[]> {
  const rows = await tx.execute<{ cluster: string; through: string; open: number }>(sql`
    select coalesce(known_facts.body ->> 'name', cluster_id) as cluster, through,
           (select count(*)::integer from intervals
             where intervals.cluster_id = observation_progress.cluster_id and state = 'OPEN') as open
      from observation_progress
      left join known_facts on known_facts.kind = 'cluster' and known_facts.id = cluster_id
     where epoch > 0`)
  return rows.map(({ cluster, through, open }) => ({ cluster, through: instant(through), open }))
}
