import { audit } from '../../../platform/audit.ts'
import { PLATFORM } from '../../../platform/database/common.ts'
import { forbidden } from '../../../platform/graph/errors.ts'
import type { Context } from '../context.ts'

/**
 * Records an attempt that was denied, in a transaction of its own, and refuses it.
 * @throws GraphQLError FORBIDDEN
 */
export async function deny(context: Context, mutation: string, input: unknown, what: string): Promise<never> {
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
