import { requireCluster } from '../domain/requireCluster.ts'
import type { SchedulingSimulationResolvers } from '../generated/resolvers.ts'

export const SchedulingSimulation: SchedulingSimulationResolvers = {
  cluster: ({ clusterId }, _args, context) => requireCluster(context, clusterId),
}
