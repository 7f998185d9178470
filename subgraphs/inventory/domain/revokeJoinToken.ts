import { audit } from '../../../platform/audit.ts'
import { PLATFORM } from '../../../platform/database/common.ts'
import { deny } from '../../../platform/graph/deny.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Context } from '../context.ts'
import type { RevokeJoinTokenInput } from '../generated/resolvers.ts'
import { joinTokenById, markRevoked } from '../store/joinTokens.ts'

/**
 * @returns the token's id, null for a dry run that would have succeeded
 * @throws GraphQLError FORBIDDEN
 */
export async function revokeJoinToken(context: Context, input: RevokeJoinTokenInput): Promise<Outcome<string | null>> {
  const { identity } = context
  if (!may(identity, 'cluster.join', { tenantId: null }))
    return deny(context, 'revokeJoinToken', input, 'revoke a join token')
  const now = new Date(context.clock.nowMs())
  const key = input.dryRun ? null : input.idempotencyKey
  const scope = { tenantId: PLATFORM, principal: identity.subject, mutation: 'revokeJoinToken', key, input, now }
  return context.write((tx) =>
    idempotent<string | null>(tx, scope, async () => {
      if ((await joinTokenById(tx, input.id)) === null) return { ok: false, errors: [notThere(input.id)] }
      if (input.dryRun) return { ok: true, result: null }
      await markRevoked(tx, input.id, new Date(context.wall.nowMs()))
      await audit(tx, {
        tenantId: PLATFORM,
        at: now,
        principal: identity.subject,
        action: 'revokeJoinToken',
        objectId: input.id,
        decision: 'allowed',
        requestId: context.requestId,
        input,
      })
      return { ok: true, result: input.id }
    }),
  )
}

function notThere(id: string) {
  return {
    code: 'NOT_FOUND',
    field: ['id'],
    message: `There is no join token ${id}.`,
    fix: 'Take one from joinTokens.',
  }
}
