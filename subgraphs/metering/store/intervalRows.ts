import { sql } from 'drizzle-orm'
import type { Interval } from '../domain/interval.ts'

/** An interval as execute() returns it; seconds since the epoch come as text, for they are bigint. */
export interface IntervalRow extends Record<string, unknown> {
  pod_uid: string
  ordinal: number
  tenant_id: string
  project_id: string
  state: Interval['state']
  device: string | null
  device_index: number | null
  identity: Interval['identity']
  model: string | null
  share: string
  cpu_milli: string
  memory_mib: string
  admitted: string
  start: string | null
  started: string | null
  end: string | null
  ending: Interval['ending']
  clamped: boolean
  unit_price: string
  currency: string
  price_version: number
  gpu_seconds: string | null
  cost: string | null
}

export const INTERVAL_COLUMNS = sql.raw(`
  pod_uid, ordinal, intervals.tenant_id, intervals.project_id, state, device, device_index, identity, model, share,
  cpu_milli, memory_mib, extract(epoch from admitted_at)::bigint as admitted,
  extract(epoch from start_at)::bigint as start, extract(epoch from started_at)::bigint as started,
  extract(epoch from end_at)::bigint as end, ending, clamped, unit_price, currency, price_version, gpu_seconds, cost`)

export function intervalOf(row: IntervalRow): Interval {
  return {
    podUid: row.pod_uid,
    ordinal: row.ordinal,
    tenantId: row.tenant_id,
    projectId: row.project_id,
    state: row.state,
    device: row.device,
    deviceIndex: row.device_index,
    identity: row.identity,
    model: row.model,
    share: row.share,
    cpuMilli: Number(row.cpu_milli),
    memoryMib: Number(row.memory_mib),
    admittedSeconds: Number(row.admitted),
    startSeconds: numberOrNull(row.start),
    startedSeconds: numberOrNull(row.started),
    endSeconds: numberOrNull(row.end),
    ending: row.ending,
    clamped: row.clamped,
    price: { perGpuSecond: row.unit_price, currency: row.currency, version: row.price_version },
    gpuSeconds: row.gpu_seconds,
    cost: row.cost,
  }
}

function numberOrNull(value: string | null): number | null {
  return value === null ? null : Number(value)
}
