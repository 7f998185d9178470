import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { PodRecord } from '../domain/pod.ts'

/** Writes pods that were seen, new ones and ones that lockPods locked, in one statement. */
export async function savePods(tx: Tx, pods: readonly PodRecord[]): Promise<void> {
  if (pods.length === 0) return
  await tx.execute(sql`
    insert into pods (id, tenant_id, project_id, job_id, job_uid, cluster_id, uid, namespace, name, node, phase, reason,
                      created_at, admitted_at, started_at, finished_at, exit_code, slot, devices, gone_at, seen_epoch, seen_seq)
    select "id", "tenantId", "projectId", "jobId", "jobUid", "clusterId", "uid", "namespace", "name", "node", "phase", "reason",
           "createdAt", "admittedAt", "startedAt", "finishedAt", "exitCode", "slot", "devices", "goneAt", "seenEpoch", "seenSeq"
      from jsonb_to_recordset(${JSON.stringify(pods)}::jsonb) as row(
           "id" text, "tenantId" text, "projectId" text, "jobId" text, "jobUid" text, "clusterId" text, "uid" text,
           "namespace" text, "name" text, "node" text, "phase" text, "reason" text, "createdAt" timestamptz,
           "admittedAt" timestamptz, "startedAt" timestamptz, "finishedAt" timestamptz, "exitCode" integer,
           "slot" integer, "devices" jsonb, "goneAt" timestamptz, "seenEpoch" integer, "seenSeq" bigint)
    on conflict (id) do update
       set job_id = excluded.job_id, node = excluded.node, phase = excluded.phase, reason = excluded.reason,
           admitted_at = excluded.admitted_at, started_at = excluded.started_at, finished_at = excluded.finished_at,
           exit_code = excluded.exit_code, slot = excluded.slot, devices = excluded.devices, gone_at = excluded.gone_at,
           seen_epoch = excluded.seen_epoch, seen_seq = excluded.seen_seq`)
}
