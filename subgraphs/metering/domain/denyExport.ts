import { audit } from '../../../platform/audit.ts'
import { forbidden } from '../../../platform/graph/errors.ts'
import type { Context } from '../context.ts'
import type { RequestExportInput } from '../generated/resolvers.ts'

/**
 * Records a request that was denied, in a transaction of its own, and refuses it.
 * @throws GraphQLError FORBIDDEN
 */
export async function denyExport(context: Context, input: RequestExportInput): Promise<never> {
  await context.write((tx) =>
    audit(tx, {
      tenantId: input.tenantId,
      at: new Date(context.clock.nowMs()),
      principal: context.identity.subject,
      action: 'requestExport',
      objectId: null,
      decision: 'denied',
      requestId: context.requestId,
      input,
    }),
  )
  throw forbidden('request exports of this tenant')
}
