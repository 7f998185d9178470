import { notFound } from '../../../../platform/graph/errors.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { tenantBySlug } from '../../store/tenants.ts'

export const tenant: QueryResolvers['tenant'] = async (_parent, { slug }, context) => {
  const found = await tenantBySlug(await context.read(), slug)
  if (!found) throw notFound('tenant of that slug')
  return found
}
