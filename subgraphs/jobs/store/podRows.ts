import { sql } from 'drizzle-orm'
import type { PodRecord } from '../domain/pod.ts'
import { isoTime, isoTimeOrNull } from './jobRows.ts'

/** A row of pods as execute() returns it. */
export interface PodRow extends Record<string, unknown> {
  id: string
  tenant_id: string
  project_id: string
  job_id: string | null
  job_uid: string | null
  cluster_id: string
  uid: string
  namespace: string
  name: string
  node: string | null
  phase: PodRecord['phase']
  reason: string | null
  created_at: string
  admitted_at: string | null
  started_at: string | null
  finished_at: string | null
  exit_code: number | null
  slot: number | null
  devices: PodRecord['devices']
  gone_at: string | null
  seen_epoch: number
  seen_seq: string
}

export const POD_COLUMNS = sql.raw(
  `id, tenant_id, project_id, job_id, job_uid, cluster_id, uid, namespace, name, node, phase, reason, created_at,
   admitted_at, started_at, finished_at, exit_code, slot, devices, gone_at, seen_epoch, seen_seq`,
)

export function podOf(row: PodRow): PodRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    projectId: row.project_id,
    jobId: row.job_id,
    jobUid: row.job_uid,
    clusterId: row.cluster_id,
    uid: row.uid,
    namespace: row.namespace,
    name: row.name,
    node: row.node,
    phase: row.phase,
    reason: row.reason,
    createdAt: isoTime(row.created_at),
    admittedAt: isoTimeOrNull(row.admitted_at),
    startedAt: isoTimeOrNull(row.started_at),
    finishedAt: isoTimeOrNull(row.finished_at),
    exitCode: row.exit_code,
    slot: row.slot,
    devices: row.devices,
    goneAt: isoTimeOrNull(row.gone_at),
    seenEpoch: row.seen_epoch,
    seenSeq: Number(row.seen_seq),
  }
}
