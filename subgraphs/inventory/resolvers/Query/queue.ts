import { notFound } from '../../../../platform/graph/errors.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { queueLoader } from '../../loaders.ts'

export const queue: QueryResolvers['queue'] = async (_parent, { id }, context) => {
  const found = await queueLoader(context).load(id)
  if (!found) throw notFound('queue of that id')
  return found
}
