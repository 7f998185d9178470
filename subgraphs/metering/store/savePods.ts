import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { SeenPod } from '../domain/sighting.ts'

/** Stores pods that hold something and were not known, and notes of all of them that they were seen in this epoch. */
export async function savePods(tx: Tx, clusterId: string, epoch: number, pods: readonly SeenPod[]): Promise<void> {
  if (pods.length === 0) return
  await tx.execute(sql`
    insert into pods (cluster_id, uid, tenant_id, project_id, namespace, name, node, job_uid, claimed_job_id, seen_epoch)
    select ${clusterId}, "uid", "tenantId", "projectId", "namespace", "name", "node", "jobUid", "claimedJobId", ${epoch}::integer
      from jsonb_to_recordset(${JSON.stringify(pods)}::jsonb) as row(
           "uid" text, "tenantId" text, "projectId" text, "namespace" text, "name" text, "node" text, "jobUid" text,
           "claimedJobId" text)
    on conflict (cluster_id, uid) do update set seen_epoch = excluded.seen_epoch
     where pods.seen_epoch < excluded.seen_epoch`)
}
