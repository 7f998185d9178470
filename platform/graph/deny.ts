import { audit } from '../audit.ts'
import { PLATFORM } from '../database/common.ts'
import type { GraphContext } from './context.ts'
import { forbidden } from './errors.ts'

/**
 * Records an attempt that was denied, in a transaction of its own, and refuses it. For what the
 * caller may see but not do; what it may not see is not found instead.
 * @param what completes "You may not …"
 * @throws GraphQLError FORBIDDEN
 */
export async function deny(context: GraphContext, mutation: string, input: unknown, what: string): Promise<never> {
  const { identity } = context
  await context.write((tx) =>
    audit(tx, {
      tenantId: identity.kind === 'member' ? identity.tenantId : PLATFORM,
      at: new Date(context.clock.nowMs()),
      principal: identity.subject,
      action: mutation,
      objectId: null,
      decision: 'denied',
      requestId: context.requestId,
      input,
    }),
  )
  throw forbidden(what)
}
