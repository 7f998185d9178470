import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { Facts } from '../../../platform/facts/kinds.ts'
import { totalsQuery } from './jobTotals.ts'

/**
 * Notes the outcome of those of the jobs that are complete.
 * @returns outcomes that are new, or whose figures are not those noted before
 */
export async function saveOutcomes(
  tx: Tx,
  jobIds: readonly string[],
  { at, currency }: { at: Date; currency: string },
): Promise<Facts['metered'][]> {
  if (jobIds.length === 0) return []
  const rows = await tx.execute<{
    job_id: string
    tenant_id: string
    gpu_seconds: string
    cost: string
    currency: string
  }>(sql`
    insert into metered_jobs (job_id, tenant_id, gpu_seconds, cost, currency, at)
    select job_id, tenant_id, gpu_seconds::numeric, cost::numeric, coalesce(currency, ${currency}), ${at.toISOString()}
      from (${totalsQuery(jobIds, null)}) as totals
     where complete
    on conflict (job_id) do update
       set gpu_seconds = excluded.gpu_seconds, cost = excluded.cost, currency = excluded.currency, at = excluded.at
     where (metered_jobs.gpu_seconds, metered_jobs.cost, metered_jobs.currency)
        is distinct from (excluded.gpu_seconds, excluded.cost, excluded.currency)
    returning job_id, tenant_id, gpu_seconds, cost, currency`)
  return rows.map((row) => ({
    id: row.job_id,
    tenantId: row.tenant_id,
    gpuSeconds: row.gpu_seconds,
    cost: row.cost,
    currency: row.currency,
    at: at.toISOString(),
  }))
}
