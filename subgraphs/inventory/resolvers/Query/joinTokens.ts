import { forbidden } from '../../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import { may } from '../../../../platform/identity/authorize.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { listJoinTokens } from '../../store/joinTokens.ts'

export const joinTokens: QueryResolvers['joinTokens'] = async (_parent, args, context) => {
  if (!may(context.identity, 'cluster.join', { tenantId: null })) throw forbidden('see join tokens')
  const page = pageOf(args)
  return connection(await listJoinTokens(await context.read(), page), page, ({ id }) => id)
}
