import { notFound } from '../../../../platform/graph/errors.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { exportLoader } from '../../loaders.ts'

export const exportById: QueryResolvers['export'] = async (_parent, { id }, context) => {
  const found = await exportLoader(context).load(id)
  if (!found) throw notFound('export of that id')
  return found
}
