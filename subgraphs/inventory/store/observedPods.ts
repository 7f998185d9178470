import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { HeldDevices } from '../domain/newestStates.ts'

/**
 * Brings what the pods hold to what was observed. Uids must differ.
 * @returns the nodes, with repetitions, where that is another than before
 */
export async function recordPods(
  tx: Tx,
  { clusterId, epoch }: BatchOrigin,
  pods: readonly HeldDevices[],
): Promise<string[]> {
  const held = pods.flatMap(({ uid, tenantId, node, devices }) =>
    devices.map(({ index, share }, ordinal) => ({
      pod_uid: uid,
      ordinal,
      tenant_id: tenantId,
      node,
      device_index: index,
      share,
    })),
  )
  const counts = pods.map(({ uid, devices }) => ({ pod_uid: uid, devices: devices.length }))
  const released = await tx.execute<{ node: string }>(sql`
    delete from pod_devices
     using jsonb_to_recordset(${JSON.stringify(counts)}::jsonb) as pod(pod_uid text, devices integer)
     where cluster_id = ${clusterId} and pod_devices.pod_uid = pod.pod_uid and ordinal >= pod.devices
    returning node`)
  if (held.length === 0) return released.map(({ node }) => node)
  const taken = await tx.execute<{ node: string; old_node: string | null }>(sql`
    insert into pod_devices as known (cluster_id, pod_uid, ordinal, tenant_id, node, device_index, share, seen_epoch)
    select ${clusterId}, pod_uid, ordinal, tenant_id, node, device_index, share, ${epoch}::integer
      from jsonb_to_recordset(${JSON.stringify(held)}::jsonb)
        as row(pod_uid text, ordinal integer, tenant_id text, node text, device_index integer, share numeric)
    on conflict (cluster_id, pod_uid, ordinal) do update
      set tenant_id = excluded.tenant_id, node = excluded.node, device_index = excluded.device_index,
          share = excluded.share, seen_epoch = excluded.seen_epoch
    where (known.tenant_id, known.node, known.device_index, known.share, known.seen_epoch)
          is distinct from
          (excluded.tenant_id, excluded.node, excluded.device_index, excluded.share, excluded.seen_epoch)
    returning new.node, old.node as old_node`)
  return [...released.map(({ node }) => node), ...taken.flatMap((row) => [row.node, row.old_node ?? row.node])]
}

/**
 * What the epoch's resync left out holds nothing.
 * @returns the nodes, with repetitions, where that is another than before
 */
export async function forgetUnseenPods(tx: Tx, { clusterId, epoch }: BatchOrigin): Promise<string[]> {
  const rows = await tx.execute<{ node: string }>(sql`
    delete from pod_devices where cluster_id = ${clusterId} and seen_epoch < ${epoch} returning node`)
  return rows.map(({ node }) => node)
}

/**
 * Sums up anew, from what pods hold, on these nodes alone: a sum that is only added to would keep every error.
 * An array of names is looked up by index; joined with a set of them, every device of the cluster would be read.
 */
export async function refreshAllocations(tx: Tx, { clusterId }: BatchOrigin, nodes: readonly string[]): Promise<void> {
  const isOnThem = sql`= any(array(select jsonb_array_elements_text(${JSON.stringify(nodes)}::jsonb)))`
  await tx.execute(sql`
    update gpus set allocated = held.share
      from (select gpus.id, trim_scale(coalesce(sum(pod_devices.share), 0)) as share
              from gpus
              left join pod_devices
                on pod_devices.cluster_id = gpus.cluster_id and pod_devices.node = gpus.node
               and pod_devices.device_index = gpus.index
             where gpus.cluster_id = ${clusterId} and gpus.node ${isOnThem}
             group by gpus.id) as held
     where gpus.id = held.id and gpus.allocated <> held.share`)
  await tx.execute(sql`
    update nodes set allocated_gpus = held.share
      from (select nodes.name, trim_scale(coalesce(sum(pod_devices.share), 0)) as share
              from nodes
              left join pod_devices on pod_devices.cluster_id = nodes.cluster_id and pod_devices.node = nodes.name
             where nodes.cluster_id = ${clusterId} and nodes.name ${isOnThem}
             group by nodes.name) as held
     where nodes.cluster_id = ${clusterId} and nodes.name = held.name and nodes.allocated_gpus <> held.share`)
}
