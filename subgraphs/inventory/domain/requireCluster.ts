import { notFound } from '../../../platform/graph/errors.ts'
import type { Context } from '../context.ts'
import { clusterLoader } from '../loaders.ts'
import type { ClusterRow } from '../store/clusters.ts'
import { assertSeesCapacity } from './seeCapacity.ts'

/** @throws GraphQLError NOT_FOUND, FORBIDDEN */
export async function requireCluster(context: Context, id: string): Promise<ClusterRow> {
  assertSeesCapacity(context)
  const cluster = await clusterLoader(context).load(id)
  if (!cluster) throw notFound('cluster of that id')
  return cluster
}
