import { notFound } from '../../../platform/graph/errors.ts'
import { assertSeesCapacity } from '../domain/seeCapacity.ts'
import type { GpuResolvers } from '../generated/resolvers.ts'
import { gpuLoader, nodePoolLoader } from '../loaders.ts'

export const Gpu: GpuResolvers = {
  async __resolveReference({ id }, context) {
    assertSeesCapacity(context)
    const gpu = await gpuLoader(context).load(id)
    if (!gpu) throw notFound('GPU of that id')
    return gpu
  },

  nodePool: ({ nodePoolId }, _args, context) => nodePoolLoader(context).load(nodePoolId),
}
