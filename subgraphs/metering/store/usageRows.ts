import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { UsageDimension } from '../generated/resolvers.ts'
import { openUntil } from './jobTotals.ts'

export interface UsageRow {
  key: { dimension: UsageDimension; value: string | null; label: string | null }[]
  /** Decimals. */
  gpuSeconds: string
  cpuSeconds: string
  cost: string
  currency: string | null
}

interface UsageQuery {
  tenantId: string
  from: Date
  /** Exclusive. */
  to: Date
  groupBy: readonly UsageDimension[]
  /** Open intervals count up to here. */
  meteredThrough: Date
  limit: number
}

const KEYS: Record<UsageDimension, SQL> = {
  TENANT: sql`intervals.tenant_id`,
  PROJECT: sql`intervals.project_id`,
  JOB: sql`pods.job_id`,
  MODEL: sql`intervals.model`,
  DAY: sql`to_char(date_trunc('day', bucket, 'UTC') at time zone 'UTC', 'YYYY-MM-DD')`,
  HOUR: sql`to_char(bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
}

/** What people call it; a fact that is not here leaves the value itself. */
const LABELS: Partial<Record<UsageDimension, (value: SQL) => SQL>> = {
  TENANT: (value) => sql`(select body ->> 'slug' from known_facts where kind = 'tenant' and id = ${value})`,
  PROJECT: (value) => sql`(select body ->> 'slug' from known_facts where kind = 'project' and id = ${value})`,
  JOB: (value) => sql`(select body ->> 'name' from known_facts where kind = 'job' and id = ${value})`,
}

/** Sums over the part of each interval that lies in the time asked for, in the order of their keys. */
export async function usageRows(tx: Tx, query: UsageQuery): Promise<UsageRow[]> {
  const { groupBy } = query
  const keys = groupBy.map((_, index) => sql.raw(`k${index}`))
  const rows = await tx.execute<SumRow>(sql`
    with parts as (${parts(query)}),
    sums as (
      select ${list([...keys, sql`currency`])},
             trim_scale(sum(share * seconds))::text as gpu_seconds,
             trim_scale(sum(0.001 * cpu_milli * seconds))::text as cpu_seconds,
             trim_scale(sum(share * seconds * unit_price))::text as cost
        from parts group by ${list([...keys, sql`currency`])}
       order by ${list([...keys, sql`currency`])} limit ${query.limit})
    select jsonb_build_array(${list(keys)}) as values,
           jsonb_build_array(${list(groupBy.map((dimension, index) => label(dimension, sql.raw(`k${index}`))))}) as labels,
           currency, gpu_seconds, cpu_seconds, cost
      from sums order by ${list([...keys, sql`currency`])}`)
  const found = rows.map((row) => ({
    key: groupBy.map((dimension, index) => ({
      dimension,
      value: row.values[index] ?? null,
      label: row.labels[index] ?? null,
    })),
    gpuSeconds: row.gpu_seconds,
    cpuSeconds: row.cpu_seconds,
    cost: row.cost,
    currency: row.currency,
  }))
  // One row of totals is asked for, also where nothing was used.
  if (found.length > 0 || groupBy.length > 0) return found
  return [{ key: [], gpuSeconds: '0', cpuSeconds: '0', cost: '0', currency: null }]
}

interface SumRow extends Record<string, unknown> {
  values: (string | null)[]
  labels: (string | null)[]
  currency: string
  gpu_seconds: string
  cpu_seconds: string
  cost: string
}

/** Intervals clipped to the time asked for, and cut at the hours or days that are asked for. */
function parts({ tenantId, from, to, groupBy, meteredThrough }: UsageQuery): SQL {
  const [start, end] = [sql`${from.toISOString()}::timestamptz`, sql`${to.toISOString()}::timestamptz`]
  const bucket = groupBy.includes('HOUR') ? 'hour' : groupBy.includes('DAY') ? 'day' : null
  const length = bucket === 'hour' ? sql`interval '1 hour'` : sql`interval '24 hours'`
  const buckets = bucket
    ? sql`cross join lateral generate_series(date_trunc(${bucket}, part.start_at, 'UTC'), part.end_at - interval '1 second', ${length}) as bucket`
    : sql``
  const seconds = bucket
    ? sql`extract(epoch from least(part.end_at, bucket + ${length}) - greatest(part.start_at, bucket))`
    : sql`extract(epoch from part.end_at - part.start_at)`
  const keys = groupBy.map((dimension, index) => sql`${KEYS[dimension]} as ${sql.raw(`k${index}`)}`)
  return sql`
    select ${list([...keys, sql`intervals.currency`, sql`share`, sql`cpu_milli`, sql`unit_price`, sql`${seconds} as seconds`])}
      from intervals
      join pods on pods.cluster_id = intervals.cluster_id and pods.uid = intervals.pod_uid
     cross join lateral (
       select greatest(intervals.start_at, ${start}) as start_at,
              least(${openUntil(meteredThrough)}, ${end}) as end_at) as part
     ${buckets}
     where intervals.tenant_id = ${tenantId} and intervals.start_at < ${end}
       and (intervals.state = 'OPEN' or intervals.end_at > ${start})
       and part.start_at < part.end_at`
}

function label(dimension: UsageDimension, value: SQL): SQL {
  const named = LABELS[dimension]?.(value)
  return named ? sql`coalesce(${named}, ${value})` : value
}

function list(expressions: readonly SQL[]): SQL {
  return sql.join([...expressions], sql`, `)
}
