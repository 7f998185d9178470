import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'

/**
 * Places in their queues of those of the jobs that wait, counted from 1. Other tenants' jobs in a
 * shared queue count too, which row-level security hides from the caller: the function that counts
 * runs as operator and tells numbers alone (migrations/jobs).
 * @param ids of jobs that the caller was shown
 */
export async function queuePositions(tx: Tx, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.execute<{ id: string; place: string }>(
    sql`select id, place from queue_positions(${textArray(ids)})`,
  )
  return new Map(rows.map(({ id, place }) => [id, Number(place)]))
}
