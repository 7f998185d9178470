import { knownFact } from '../../../platform/facts/facts.ts'
import { notFound } from '../../../platform/graph/errors.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import type { Context } from '../context.ts'

/**
 * A tenant that does not exist, or is not the caller's to see, is an error and not an empty report.
 * A member's own is there, even where its fact has not arrived yet.
 * @throws GraphQLError NOT_FOUND
 */
export async function requireTenant(context: Context, tenantId: string): Promise<void> {
  const isSeen =
    prefixOf(tenantId) === 'tenant' &&
    may(context.identity, 'usage.read', { tenantId }) &&
    (context.identity.kind === 'member' || (await knownFact(await context.read(), 'tenant', tenantId)) !== null)
  if (!isSeen) throw notFound('tenant of that id')
}
