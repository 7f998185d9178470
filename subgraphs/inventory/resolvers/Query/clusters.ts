import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import { assertSeesCapacity } from '../../domain/seeCapacity.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { listClusters } from '../../store/clusters.ts'

export const clusters: QueryResolvers['clusters'] = async (_parent, args, context) => {
  assertSeesCapacity(context)
  const page = pageOf(args)
  return connection(await listClusters(await context.read(), page), page, ({ id }) => id)
}
