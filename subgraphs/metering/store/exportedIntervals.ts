import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { ExportRecord } from '../domain/export.ts'
import type { IntervalCells } from '../domain/intervalColumns.ts'

type Asked = Pick<ExportRecord, 'tenantId' | 'from' | 'to' | 'ledgerPosition'>

/** Where a page ends, in the order of the file. */
export interface RowKey {
  startAt: string
  clusterId: string
  podUid: string
  ordinal: number
}

export interface ExportedPage {
  cells: IntervalCells[]
  /** null where the page is empty. */
  last: RowKey | null
}

export async function countExportedIntervals(tx: Tx, asked: Asked): Promise<number> {
  const [row] = await tx.execute<{ count: string }>(sql`select count(*) from intervals where ${belongs(asked)}`)
  return Number(row?.count)
}

/**
 * The next rows of the file, ordered by start, cluster, pod and device. What is read depends on the
 * ledger position alone, not on when: closed intervals never change, and a pod's job counts only from
 * the position at which it became known.
 */
export async function exportedIntervals(
  tx: Tx,
  asked: Asked,
  after: RowKey | null,
  limit: number,
): Promise<ExportedPage> {
  const rows = await tx.execute<{ cells: IntervalCells; start_at: string; cluster_id: string; ordinal: number }>(sql`
    select intervals.start_at::text, intervals.cluster_id, intervals.ordinal, jsonb_build_object(
             'tenant', tenant.body ->> 'slug',
             'project', project.body ->> 'slug',
             'job', job.id,
             'pod', pods.name,
             'device', device,
             'model', model,
             'share', trim_scale(share)::text,
             'start', ${time(sql`part.start_at`)},
             'end', ${time(sql`part.end_at`)},
             'gpu_seconds', trim_scale(share * seconds)::text,
             'unit_price', trim_scale(unit_price)::text,
             'cost', trim_scale(share * seconds * unit_price)::text,
             'currency', currency,
             'tenant_id', intervals.tenant_id,
             'project_id', intervals.project_id,
             'job_name', job.body ->> 'name',
             'pod_uid', intervals.pod_uid,
             'cluster', intervals.cluster_id,
             'node', pods.node,
             'device_index', device_index,
             'device_identity', identity,
             'started', ${time(sql`started_at`)},
             'cpu_seconds', trim_scale(0.001 * cpu_milli * seconds)::text,
             'memory_mib_seconds', trim_scale(memory_mib * seconds)::text,
             'price_version', price_version,
             'ending', ending,
             'clamped', clamped) as cells
      from intervals
      join pods on pods.cluster_id = intervals.cluster_id and pods.uid = intervals.pod_uid
     cross join lateral (
       select greatest(intervals.start_at, ${asked.from}::timestamptz) as start_at,
              least(intervals.end_at, ${asked.to}::timestamptz) as end_at) as part
     cross join lateral (select extract(epoch from part.end_at - part.start_at) as seconds) as length
      left join known_facts as tenant on tenant.kind = 'tenant' and tenant.id = intervals.tenant_id
      left join known_facts as project on project.kind = 'project' and project.id = intervals.project_id
      left join known_facts as job
        on job.kind = 'job' and job.id = pods.job_id and pods.job_xid < ${asked.ledgerPosition}::xid8
     where ${belongs(asked)} ${after ? isAfter(after) : sql``}
     order by intervals.start_at, intervals.cluster_id, intervals.pod_uid, intervals.ordinal
     limit ${limit}`)
  const last = rows.at(-1)
  return {
    cells: rows.map(({ cells }) => cells),
    last: last
      ? {
          startAt: last.start_at,
          clusterId: last.cluster_id,
          podUid: String(last.cells.pod_uid),
          ordinal: last.ordinal,
        }
      : null,
  }
}

/** In the ledger at that position, and with a part in the time asked for; an empty interval is where it starts. */
function belongs({ tenantId, from, to, ledgerPosition }: Asked): SQL {
  return sql`intervals.tenant_id = ${tenantId} and intervals.state = 'CLOSED'
    and intervals.xid < ${ledgerPosition}::xid8 and intervals.start_at < ${to}::timestamptz
    and (intervals.end_at > ${from}::timestamptz or intervals.start_at >= ${from}::timestamptz)`
}

function isAfter({ startAt, clusterId, podUid, ordinal }: RowKey): SQL {
  return sql`and (intervals.start_at, intervals.cluster_id, intervals.pod_uid, intervals.ordinal)
    > (${startAt}::timestamptz, ${clusterId}, ${podUid}, ${ordinal}::integer)`
}

function time(at: SQL): SQL {
  return sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}
