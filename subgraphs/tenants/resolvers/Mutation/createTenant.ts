import { createTenant as create } from '../../domain/createTenant.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { tenantLoader } from '../../loaders.ts'

export const createTenant: MutationResolvers['createTenant'] = async (_parent, { input }, context) => {
  const outcome = await create(context, input)
  if (!outcome.ok) return { tenant: null, userErrors: outcome.errors }
  const id = outcome.result
  return { tenant: id === null ? null : await tenantLoader(context).load(id), userErrors: [] }
}
