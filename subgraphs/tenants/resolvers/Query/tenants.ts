import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { listTenants } from '../../store/tenants.ts'

export const tenants: QueryResolvers['tenants'] = async (_parent, args, context) => {
  const page = pageOf(args)
  return connection(await listTenants(await context.read(), page), page, ({ id }) => id)
}
