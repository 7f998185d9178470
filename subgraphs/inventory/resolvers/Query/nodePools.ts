import { notFound } from '../../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import { assertSeesCapacity } from '../../domain/seeCapacity.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { clusterLoader } from '../../loaders.ts'
import { listNodePools } from '../../store/nodePools.ts'

export const nodePools: QueryResolvers['nodePools'] = async (_parent, args, context) => {
  assertSeesCapacity(context)
  const page = pageOf(args)
  const clusterId = args.clusterId ?? null
  if (clusterId !== null && !(await clusterLoader(context).load(clusterId))) throw notFound('cluster of that id')
  return connection(await listNodePools(await context.read(), { ...page, clusterId }), page, ({ id }) => id)
}
