import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { Ids } from '../../../platform/ids.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { NodeObservation } from '../../../platform/link/protocol.ts'

/** Brings nodes, their pools and their devices to what was observed; ids of what was known stay. Names must differ. */
export async function recordNodes(
  tx: Tx,
  { clusterId, epoch }: BatchOrigin,
  nodes: readonly NodeObservation[],
  ids: Ids,
): Promise<void> {
  await upsertPools(tx, clusterId, nodes, ids)
  const rows = nodes.map(
    ({ name, pool, ready, cpuMilli, memoryMiB, gpuModel, deviceControl, shareEnforcement, devices }) => ({
      name,
      pool,
      ready,
      cpu_milli: cpuMilli,
      memory_mib: memoryMiB,
      gpu_model: gpuModel,
      device_control: deviceControl,
      gpu_count: devices.length,
      gpu_memory_mib: Math.max(0, ...devices.map((device) => device.memoryMiB)),
      share_enforcement: shareEnforcement ?? null,
    }),
  )
  await tx.execute(sql`
    insert into nodes as node (cluster_id, name, pool, ready, cpu_milli, memory_mib, gpu_model, device_control,
                               gpu_count, gpu_memory_mib, share_enforcement, seen_epoch)
    select ${clusterId}, name, pool, ready, cpu_milli, memory_mib, gpu_model, device_control,
           gpu_count, gpu_memory_mib, share_enforcement, ${epoch}::integer
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row(name text, pool text, ready boolean, cpu_milli integer, memory_mib integer, gpu_model text,
               device_control text, gpu_count integer, gpu_memory_mib integer, share_enforcement text)
    on conflict (cluster_id, name) do update
      set pool = excluded.pool, ready = excluded.ready, cpu_milli = excluded.cpu_milli,
          memory_mib = excluded.memory_mib, gpu_model = excluded.gpu_model, device_control = excluded.device_control,
          gpu_count = excluded.gpu_count, gpu_memory_mib = excluded.gpu_memory_mib,
          share_enforcement = excluded.share_enforcement, seen_epoch = excluded.seen_epoch`)
  await replaceDevices(tx, clusterId, nodes, ids)
}

async function upsertPools(tx: Tx, clusterId: string, nodes: readonly NodeObservation[], ids: Ids): Promise<void> {
  const pools = new Map(
    nodes.map(({ pool, gpuModel, deviceControl }) => [
      pool,
      { id: ids.next('pool'), name: pool, gpu_model: gpuModel, device_control: deviceControl },
    ]),
  )
  await tx.execute(sql`
    insert into node_pools as pool (id, cluster_id, name, gpu_model, device_control)
    select id, ${clusterId}, name, gpu_model, device_control
      from jsonb_to_recordset(${JSON.stringify([...pools.values()])}::jsonb)
        as row(id text, name text, gpu_model text, device_control text)
    on conflict (cluster_id, name) do update
      set gpu_model = excluded.gpu_model, device_control = excluded.device_control
    where (pool.gpu_model, pool.device_control) is distinct from (excluded.gpu_model, excluded.device_control)`)
}

/** Devices are known by their place: a device that was exchanged keeps the id of the place. */
async function replaceDevices(tx: Tx, clusterId: string, nodes: readonly NodeObservation[], ids: Ids): Promise<void> {
  const devices = JSON.stringify(
    nodes.flatMap(({ name, gpuModel, devices }) =>
      devices.map(({ index, uuid, memoryMiB, health }) => ({
        id: ids.next('gpu'),
        node: name,
        index,
        uuid,
        model: gpuModel ?? 'unknown',
        memory_mib: memoryMiB,
        health,
      })),
    ),
  )
  await tx.execute(sql`
    insert into gpus as gpu (id, cluster_id, node, index, uuid, model, memory_mib, health)
    select id, ${clusterId}, node, index, uuid, model, memory_mib, health
      from jsonb_to_recordset(${devices}::jsonb)
        as row(id text, node text, index integer, uuid text, model text, memory_mib integer, health text)
    on conflict (cluster_id, node, index) do update
      set uuid = excluded.uuid, model = excluded.model, memory_mib = excluded.memory_mib, health = excluded.health
    where (gpu.uuid, gpu.model, gpu.memory_mib, gpu.health)
          is distinct from (excluded.uuid, excluded.model, excluded.memory_mib, excluded.health)`)
  await tx.execute(sql`
    delete from gpus
     where cluster_id = ${clusterId}
       and node in (select jsonb_array_elements_text(${JSON.stringify(nodes.map(({ name }) => name))}::jsonb))
       and (node, index) not in (
         select node, index from jsonb_to_recordset(${devices}::jsonb) as row(node text, index integer))`)
}

/** With their devices; pools stay. */
export async function removeNodes(tx: Tx, { clusterId }: BatchOrigin, names: readonly string[]): Promise<void> {
  await tx.execute(sql`
    delete from nodes
     where cluster_id = ${clusterId} and name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))`)
}

/** What the epoch's resync left out. */
export async function forgetUnseenNodes(tx: Tx, { clusterId, epoch }: BatchOrigin): Promise<void> {
  await tx.execute(sql`delete from nodes where cluster_id = ${clusterId} and seen_epoch < ${epoch}`)
}
