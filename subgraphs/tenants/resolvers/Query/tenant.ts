import { notFound } from '../../../../platform/graph/errors.ts'
import { TENANT_SLUG } from '../../domain/names.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { tenantBySlug } from '../../store/tenants.ts'

export const tenant: QueryResolvers['tenant'] = async (_parent, { slug }, context) => {
  const found = TENANT_SLUG.test(slug) ? await tenantBySlug(await context.read(), slug) : null
  if (!found) throw notFound('tenant of that slug')
  return found
}
