import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { Interval } from '../domain/interval.ts'

/** Writes intervals, new ones and open ones that changed, in one statement; a trigger refuses it for closed ones. */
export async function saveIntervals(tx: Tx, clusterId: string, intervals: readonly Interval[]): Promise<void> {
  if (intervals.length === 0) return
  const rows = intervals.map(({ price, ...interval }) => ({ ...interval, ...price }))
  await tx.execute(sql`
    insert into intervals (cluster_id, pod_uid, ordinal, tenant_id, project_id, state, device, device_index, identity,
                           model, share, cpu_milli, memory_mib, admitted_at, start_at, started_at, end_at, ending, clamped,
                           unit_price, currency, price_version, gpu_seconds, cost, xid)
    select ${clusterId}, "podUid", "ordinal", "tenantId", "projectId", "state", "device", "deviceIndex", "identity",
           "model", "share", "cpuMilli", "memoryMib", to_timestamp("admittedSeconds"), to_timestamp("startSeconds"),
           to_timestamp("startedSeconds"), to_timestamp("endSeconds"), "ending", "clamped", "perGpuSecond", "currency",
           "version", "gpuSeconds", "cost", case "state" when 'CLOSED' then pg_current_xact_id() end
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row(
           "podUid" text, "ordinal" integer, "tenantId" text, "projectId" text, "state" text, "device" text,
           "deviceIndex" integer, "identity" text, "model" text, "share" numeric, "cpuMilli" bigint, "memoryMib" bigint,
           "admittedSeconds" bigint, "startSeconds" bigint, "startedSeconds" bigint, "endSeconds" bigint, "ending" text,
           "clamped" boolean, "perGpuSecond" numeric, "currency" text, "version" integer, "gpuSeconds" numeric,
           "cost" numeric)
    on conflict (cluster_id, pod_uid, ordinal) do update
       set state = excluded.state, device = excluded.device, device_index = excluded.device_index,
           identity = excluded.identity, start_at = excluded.start_at, started_at = excluded.started_at,
           end_at = excluded.end_at, ending = excluded.ending, clamped = excluded.clamped,
           gpu_seconds = excluded.gpu_seconds, cost = excluded.cost, xid = excluded.xid`)
}
