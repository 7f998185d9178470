import { audit } from '../../../platform/audit.ts'
import { forbidden } from '../../../platform/graph/errors.ts'
import type { Context } from '../context.ts'

/**
 * Records an attempt that was denied, in a transaction of its own, and refuses it.
 * @param tenantId whose object it was about
 * @throws GraphQLError FORBIDDEN
 */
export async function deny(
  context: Context,
  tenantId: string,
  action: string,
  input: unknown,
  what: string,
): Promise<never> {
  await context.write((tx) =>
    audit(tx, {
      tenantId,
      at: new Date(context.clock.nowMs()),
      principal: context.identity.subject,
      action,
      objectId: null,
      decision: 'denied',
      requestId: context.requestId,
      input,
    }),
  )
  throw forbidden(what)
}
