import type DataLoader from 'dataloader'
import { type GraphContext, inOrderOf } from '../../platform/graph/context.ts'
import { type ClusterRow, clustersByIds } from './store/clusters.ts'
import { type GpuRow, gpusByIds } from './store/gpus.ts'
import { type NodePoolRow, nodePoolsByIds } from './store/nodePools.ts'
import { NO_NUMBERS, type QueueNumbers, queueNumbers } from './store/queueNumbers.ts'
import { type QueueRow, queuesByIds } from './store/queues.ts'

// null: unknown, or not the caller's to see.

export function queueLoader(context: GraphContext): DataLoader<string, QueueRow | null> {
  return context.loader('queue', async (tx, ids) => inOrderOf(ids, await queuesByIds(tx, ids), ({ id }) => id))
}

export function clusterLoader(context: GraphContext): DataLoader<string, ClusterRow | null> {
  return context.loader('cluster', async (tx, ids) => inOrderOf(ids, await clustersByIds(tx, ids), ({ id }) => id))
}

export function nodePoolLoader(context: GraphContext): DataLoader<string, NodePoolRow | null> {
  return context.loader('nodePool', async (tx, ids) => inOrderOf(ids, await nodePoolsByIds(tx, ids), ({ id }) => id))
}

export function gpuLoader(context: GraphContext): DataLoader<string, GpuRow | null> {
  return context.loader('gpu', async (tx, ids) => inOrderOf(ids, await gpusByIds(tx, ids), ({ id }) => id))
}

/** By queue id; zeros where no cluster has reported. */
export function queueNumbersLoader(context: GraphContext): DataLoader<string, QueueNumbers> {
  return context.loader('queueNumbers', async (tx, ids) => {
    const known = await queueNumbers(tx, ids)
    return ids.map((id) => known.get(id) ?? NO_NUMBERS)
  })
}
