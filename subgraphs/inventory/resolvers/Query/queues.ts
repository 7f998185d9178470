import { knownFact } from '../../../../platform/facts/facts.ts'
import { notFound } from '../../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import { may } from '../../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../../platform/ids.ts'
import type { Context } from '../../context.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { listQueues } from '../../store/queues.ts'

export const queues: QueryResolvers['queues'] = async (_parent, args, context) => {
  const page = pageOf(args)
  const tenantId = args.tenantId ?? null
  if (tenantId !== null && !(await seesTenant(context, tenantId))) throw notFound('tenant of that id')
  return connection(await listQueues(await context.read(), { ...page, tenantId }), page, ({ id }) => id)
}

/** A member's own tenant is there, even where its fact has not arrived yet. */
async function seesTenant(context: Context, tenantId: string): Promise<boolean> {
  if (prefixOf(tenantId) !== 'tenant' || !may(context.identity, 'queue.read', { tenantId })) return false
  return context.identity.kind === 'member' || (await knownFact(await context.read(), 'tenant', tenantId)) !== null
}
