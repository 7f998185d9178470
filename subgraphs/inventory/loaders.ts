import type DataLoader from 'dataloader'
import { type GraphContext, inOrderOf } from '../../platform/graph/context.ts'
import type { Page } from '../../platform/graph/pages.ts'
import { type IdPrefix, prefixOf } from '../../platform/ids.ts'
import { overAllClusters, type QueueUsage } from './domain/queueUsage.ts'
import { type ClusterRow, clustersByIds } from './store/clusters.ts'
import { type GpuRow, gpusByIds } from './store/gpus.ts'
import { type NodePoolRow, nodePoolsByIds } from './store/nodePools.ts'
import { figuresOfQueues } from './store/queueFigures.ts'
import { NO_NUMBERS, type QueueNumbers, queueNumbers } from './store/queueNumbers.ts'
import { listSamplesOfQueues, type QueueSample } from './store/queueSamples.ts'
import { type QueueRow, queuesByIds, queuesByObjectName } from './store/queues.ts'

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

/** By queue id; null where no cluster has told. */
export function queueUsageLoader(context: GraphContext): DataLoader<string, QueueUsage | null> {
  return context.loader('queueUsage', async (tx, ids) => {
    const known = await figuresOfQueues(tx, ids)
    return ids.map((id) => overAllClusters(known.get(id) ?? []))
  })
}

/** One loader per page asked for: a list of queues gets all its samples by one statement. */
export function queueSamplesLoader(
  context: GraphContext,
  page: Page & { since: Date | null },
): DataLoader<string, QueueSample[]> {
  return context.loader(`samples ${page.limit} ${page.after} ${page.since?.toISOString()}`, async (tx, ids) => {
    const byQueue = await listSamplesOfQueues(tx, ids, page)
    return ids.map((id) => byQueue.get(id) ?? [])
  })
}

/** By the name of the Queue object. */
export function queueByObjectNameLoader(context: GraphContext): DataLoader<string, QueueRow | null> {
  return context.loader('queueByObjectName', async (tx, names) =>
    inOrderOf(names, await queuesByObjectName(tx, names), ({ objectName }) => objectName),
  )
}
