import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'

export interface JobTotals {
  jobId: string
  tenantId: string
  gpuSeconds: string
  startUpGpuSeconds: string
  cpuSeconds: string
  memoryMibSeconds: string
  cost: string
  /** null: it has held nothing. */
  currency: string | null
  /** Final, and every pod that was bound has been metered to its end. */
  complete: boolean
}

/** What known jobs have held, open intervals up to `through` (null: they count nothing), in no order. */
export async function jobTotals(tx: Tx, jobIds: readonly string[], through: Date | null): Promise<JobTotals[]> {
  const rows = await tx.execute<TotalsRow>(totalsQuery(jobIds, through))
  return rows.map((row) => ({
    jobId: row.job_id,
    tenantId: row.tenant_id,
    gpuSeconds: row.gpu_seconds,
    startUpGpuSeconds: row.start_up_gpu_seconds,
    cpuSeconds: row.cpu_seconds,
    memoryMibSeconds: row.memory_mib_seconds,
    cost: row.cost,
    currency: row.currency,
    complete: row.complete,
  }))
}

interface TotalsRow extends Record<string, unknown> {
  job_id: string
  tenant_id: string
  gpu_seconds: string
  start_up_gpu_seconds: string
  cpu_seconds: string
  memory_mib_seconds: string
  cost: string
  currency: string | null
  complete: boolean
}

/** The one definition of a job's figures and of when they are complete. */
export function totalsQuery(jobIds: readonly string[], through: Date | null): SQL {
  return sql`
    select fact.id as job_id, fact.tenant_id,
           trim_scale(coalesce(sum(share * seconds), 0))::text as gpu_seconds,
           trim_scale(coalesce(sum(share * start_up), 0))::text as start_up_gpu_seconds,
           trim_scale(coalesce(sum(0.001 * cpu_milli * seconds), 0))::text as cpu_seconds,
           trim_scale(coalesce(sum(memory_mib * seconds), 0))::text as memory_mib_seconds,
           trim_scale(coalesce(sum(share * seconds * unit_price), 0))::text as cost,
           max(currency) as currency,
           (fact.body ->> 'final')::boolean
             and count(distinct pods.uid) >= (fact.body ->> 'boundPods')::integer
             and count(*) filter (where state = 'OPEN') = 0 as complete
      from known_facts as fact
      left join pods on pods.job_id = fact.id
      left join intervals on intervals.cluster_id = pods.cluster_id and intervals.pod_uid = pods.uid
      left join lateral (select ${openUntil(through)} as until) as counted on true
      left join lateral (
        select greatest(0, extract(epoch from until - start_at)) as seconds,
               greatest(0, extract(epoch from least(coalesce(started_at, until), until) - start_at)) as start_up) as part on true
     where fact.kind = 'job' and fact.id = any(${textArray(jobIds)})
     group by fact.id, fact.tenant_id, fact.body`
}

/** Until when an interval counts: its end, or while it is open the time up to which the cluster was observed, in whole seconds. */
export function openUntil(through: Date | null): SQL {
  const limit = sql`date_trunc('second', ${through?.toISOString() ?? null}::timestamptz)`
  return sql`case when intervals.state = 'CLOSED' then intervals.end_at
    else coalesce(least(intervals.end_at, ${limit}), intervals.start_at) end`
}
