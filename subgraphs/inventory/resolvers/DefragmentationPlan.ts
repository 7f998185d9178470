import { requireCluster } from '../domain/requireCluster.ts'
import type { DefragmentationPlanResolvers } from '../generated/resolvers.ts'

const MAX_MOVES = 1_000

export const DefragmentationPlan: DefragmentationPlanResolvers = {
  cluster: ({ clusterId }, _args, context) => requireCluster(context, clusterId),
  jobs: ({ moves }) => moves.length,
  moves: ({ moves }) => moves.slice(0, MAX_MOVES),
  freesNodes: ({ freesNodes }) => [...freesNodes],
}
