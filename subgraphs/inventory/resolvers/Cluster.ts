import { notFound } from '../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../platform/graph/pages.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { assertSeesCapacity } from '../domain/seeCapacity.ts'
import type { ClusterResolvers } from '../generated/resolvers.ts'
import { clusterLoader, clusterPolicyLoader } from '../loaders.ts'
import { type NodePoolRow, nodePoolsOfClusters } from '../store/nodePools.ts'

export const Cluster: ClusterResolvers = {
  async __resolveReference({ id }, context) {
    assertSeesCapacity(context)
    const cluster = await clusterLoader(context).load(id)
    if (!cluster) throw notFound('cluster of that id')
    return cluster
  },

  schedulingPolicy: ({ id }, _args, context) =>
    may(context.identity, 'policy.read', { tenantId: null }) ? clusterPolicyLoader(context).load(id) : null,

  async nodePools({ id }, args, context) {
    const page = pageOf(args)
    // One loader per page asked for: a list of clusters gets all its pools by one statement.
    const loader = context.loader<string, NodePoolRow[]>(
      `nodePools ${page.limit} ${page.after}`,
      async (tx, clusterIds) => {
        const byCluster = Map.groupBy(await nodePoolsOfClusters(tx, clusterIds, page), ({ clusterId }) => clusterId)
        return clusterIds.map((clusterId) => byCluster.get(clusterId) ?? [])
      },
    )
    return connection(await loader.load(id), page, (pool) => pool.id)
  },
}
