import { knownFact } from '../../../../platform/facts/facts.ts'
import { notFound, refuse } from '../../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import { may } from '../../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../../platform/ids.ts'
import type { Context } from '../../context.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { listQueues } from '../../store/queues.ts'

export const queues: QueryResolvers['queues'] = async (_parent, args, context) => {
  const page = pageOf(args)
  const tenantId = args.tenantId ?? null
  if (tenantId !== null) await assertSeesTenant(context, tenantId)
  return connection(await listQueues(await context.read(), { ...page, tenantId }), page, ({ id }) => id)
}

/** @throws GraphQLError NOT_FOUND, NOT_YET_KNOWN */
async function assertSeesTenant(context: Context, tenantId: string): Promise<void> {
  const mayRead = prefixOf(tenantId) === 'tenant' && may(context.identity, 'queue.read', { tenantId })
  if (!mayRead) throw notFound('tenant of that id')
  if (context.identity.kind === 'member') return // its token proves that its tenant is there
  const isUpToDate = await context.facts.catchUp('tenants')
  if (await knownFact(await context.read(), 'tenant', tenantId)) return
  throw isUpToDate
    ? notFound('tenant of that id')
    : refuse('NOT_YET_KNOWN', 'What is new among tenants has not arrived here yet; try again in a few seconds.')
}
