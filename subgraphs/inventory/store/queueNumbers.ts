import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'

/** Summed over all clusters. A type, not an interface, so that it is JSON as it stands. */
export type QueueNumbers = {
  pending: number
  admitted: number
  /** Decimals of GPUs. */
  usedGpus: string
  pendingGpus: string
}

export const NO_NUMBERS: QueueNumbers = { pending: 0, admitted: 0, usedGpus: '0', pendingGpus: '0' }

/** Of those of `queueIds` that the actor may see and some cluster has reported. */
export async function queueNumbers(tx: Tx, queueIds: readonly string[]): Promise<Map<string, QueueNumbers>> {
  const rows = await tx.execute<{
    queue_id: string
    pending: number
    admitted: number
    used_gpus: string
    pending_gpus: string
  }>(sql`
    select queue_id, sum(pending)::integer as pending, sum(admitted)::integer as admitted,
           trim_scale(sum(used_gpus)) as used_gpus, trim_scale(sum(pending_gpus)) as pending_gpus
      from queue_numbers
     where queue_id in (select jsonb_array_elements_text(${JSON.stringify(queueIds)}::jsonb))
     group by queue_id`)
  return new Map(
    rows.map((row) => [
      row.queue_id,
      { pending: row.pending, admitted: row.admitted, usedGpus: row.used_gpus, pendingGpus: row.pending_gpus },
    ]),
  )
}
