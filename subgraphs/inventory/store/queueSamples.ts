import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { RetentionTask } from '../../../platform/retention/tasks.ts'
import type { CellUsage } from '../domain/queueUsage.ts'

/** How a queue stood in one minute, as it was told last. */
export interface QueueSample {
  /** Start of the minute, RFC 3339: orders the samples. */
  minute: string
  at: string
  pending: number
  admitted: number
  weightedShare: number
  cells: readonly CellUsage[]
}

/** A row a minute for each queue; the last one told in it stands. */
export async function recordSamples(
  tx: Tx,
  samples: readonly (Omit<QueueSample, 'minute'> & { queueId: string })[],
): Promise<void> {
  const rows = samples.map(({ queueId, at, pending, admitted, weightedShare, cells }) => {
    return { queue_id: queueId, at, pending, admitted, share: weightedShare, cells }
  })
  await tx.execute(sql`
    insert into queue_samples (queue_id, minute, tenant_id, at, pending, admitted, weighted_share, cells)
    select queues.id, date_trunc('minute', row.at), queues.tenant_id, row.at, row.pending, row.admitted, row.share, row.cells
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row(queue_id text, at timestamptz, pending integer, admitted integer, share double precision, cells jsonb)
      join queues on queues.id = row.queue_id
     order by queues.id
    on conflict (queue_id, minute) do update
      set at = excluded.at, pending = excluded.pending, admitted = excluded.admitted,
          weighted_share = excluded.weighted_share, cells = excluded.cells`)
}

/** The same page of several queues' samples at once, the oldest first; one more per queue than the page holds. */
export async function listSamplesOfQueues(
  tx: Tx,
  queueIds: readonly string[],
  { since, limit, after }: { since: Date | null; limit: number; after: string | null },
): Promise<Map<string, QueueSample[]>> {
  const rows = await tx.execute<{
    queue_id: string
    minute: string
    at: string
    pending: number
    admitted: number
    weighted_share: number
    cells: CellUsage[]
  }>(sql`
    select page.* from unnest(${textArray(queueIds)}) as queue(id)
     cross join lateral (
       select queue_id, ${instant(sql`minute`)} as minute, ${instant(sql`at`)} as at,
              pending, admitted, weighted_share, cells
         from queue_samples
        where queue_id = queue.id
          and queue_samples.minute > coalesce(${after}::timestamptz, '-infinity')
          and queue_samples.at >= coalesce(${since?.toISOString() ?? null}::timestamptz, '-infinity')
        order by queue_samples.minute limit ${limit + 1}) as page`)
  return Map.groupBy(
    rows.map(({ weighted_share, ...row }) => ({ ...row, weightedShare: weighted_share })),
    ({ queue_id }) => queue_id,
  )
}

function instant(column: ReturnType<typeof sql>) {
  return sql`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

export function forgetSamples(keepMs: number): RetentionTask {
  return {
    what: 'samples',
    keepMs,
    async remove(tx, { domainAt }, limit) {
      const gone = await tx.execute(sql`
        delete from queue_samples where (queue_id, minute) in (
          select queue_id, minute from queue_samples where minute < ${domainAt.toISOString()} order by minute limit ${limit})
        returning 1`)
      return gone.length
    },
  }
}
