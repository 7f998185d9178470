import { notFound } from '../../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import type { Context } from '../../context.ts'
import { assertSeesCapacity } from '../../domain/seeCapacity.ts'
import type { GpuFilter, QueryResolvers } from '../../generated/resolvers.ts'
import { clusterLoader, nodePoolLoader } from '../../loaders.ts'
import { listGpus } from '../../store/gpus.ts'

export const gpus: QueryResolvers['gpus'] = async (_parent, args, context) => {
  assertSeesCapacity(context)
  const page = pageOf(args)
  const filter = args.filter ?? {}
  await assertKnown(context, filter)
  return connection(await listGpus(await context.read(), filter, page), page, ({ id }) => id)
}

async function assertKnown(context: Context, { clusterId, nodePoolId }: GpuFilter): Promise<void> {
  if (clusterId && !(await clusterLoader(context).load(clusterId))) throw notFound('cluster of that id')
  if (nodePoolId && !(await nodePoolLoader(context).load(nodePoolId))) throw notFound('node pool of that id')
}
