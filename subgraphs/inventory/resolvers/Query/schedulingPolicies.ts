import { forbidden } from '../../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import { may } from '../../../../platform/identity/authorize.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { listPolicies } from '../../store/policies.ts'

export const schedulingPolicies: QueryResolvers['schedulingPolicies'] = async (_parent, args, context) => {
  if (!may(context.identity, 'policy.read', { tenantId: null })) throw forbidden('see scheduling policies')
  const page = pageOf(args)
  return connection(await listPolicies(await context.read(), page), page, ({ id }) => id)
}
