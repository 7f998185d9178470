import { notFound } from '../../../platform/graph/errors.ts'
import { assertSeesCapacity } from '../domain/seeCapacity.ts'
import type { NodePoolResolvers } from '../generated/resolvers.ts'
import { clusterLoader, nodePoolLoader } from '../loaders.ts'

export const NodePool: NodePoolResolvers = {
  async __resolveReference({ id }, context) {
    assertSeesCapacity(context)
    const pool = await nodePoolLoader(context).load(id)
    if (!pool) throw notFound('node pool of that id')
    return pool
  },

  cluster: ({ clusterId }, _args, context) => clusterLoader(context).load(clusterId),
  flavor: ({ name }) => name,
}
