import { notFound } from '../../../../platform/graph/errors.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { jobLoader } from '../../loaders.ts'

export const job: QueryResolvers['job'] = async (_parent, { id }, context) => {
  const found = await jobLoader(context).load(id)
  if (!found) throw notFound('job of that id')
  return found
}
