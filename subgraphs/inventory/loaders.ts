import type DataLoader from 'dataloader'
import { type GraphContext, inOrderOf } from '../../platform/graph/context.ts'
import { type IdPrefix, prefixOf } from '../../platform/ids.ts'
import { type ClusterRow, clustersByIds } from './store/clusters.ts'
import { type GpuRow, gpusByIds } from './store/gpus.ts'
import { type NodePoolRow, nodePoolsByIds } from './store/nodePools.ts'
import { NO_NUMBERS, type QueueNumbers, queueNumbers } from './store/queueNumbers.ts'
import { type QueueRow, queuesByIds } from './store/queues.ts'

// null: unknown, or not the caller's to see.

export function queueLoader(context: GraphContext): DataLoader<string, QueueRow | null> {
  return context.loader('queue', async (tx, ids) =>
    inOrderOf(ids, await queuesByIds(tx, wellFormed(ids, 'queue')), ({ id }) => id),
  )
}

export function clusterLoader(context: GraphContext): DataLoader<string, ClusterRow | null> {
  return context.loader('cluster', async (tx, ids) =>
    inOrderOf(ids, await clustersByIds(tx, wellFormed(ids, 'cluster')), ({ id }) => id),
  )
}

export function nodePoolLoader(context: GraphContext): DataLoader<string, NodePoolRow | null> {
  return context.loader('nodePool', async (tx, ids) =>
    inOrderOf(ids, await nodePoolsByIds(tx, wellFormed(ids, 'pool')), ({ id }) => id),
  )
}

export function gpuLoader(context: GraphContext): DataLoader<string, GpuRow | null> {
  return context.loader('gpu', async (tx, ids) =>
    inOrderOf(ids, await gpusByIds(tx, wellFormed(ids, 'gpu')), ({ id }) => id),
  )
}

/** What is no id at all, and may hold what Postgres refuses, is not looked for. */
function wellFormed(ids: readonly string[], prefix: IdPrefix): string[] {
  return ids.filter((id) => prefixOf(id) === prefix)
}

/** By queue id; zeros where no cluster has reported. */
export function queueNumbersLoader(context: GraphContext): DataLoader<string, QueueNumbers> {
  return context.loader('queueNumbers', async (tx, ids) => {
    const known = await queueNumbers(tx, ids)
    return ids.map((id) => known.get(id) ?? NO_NUMBERS)
  })
}
