import { audit } from '../../../platform/audit.ts'
import { publishFact } from '../../../platform/facts/facts.ts'
import { deny } from '../../../platform/graph/deny.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Context } from '../context.ts'
import type { RemoveMemberInput } from '../generated/resolvers.ts'
import { tenantLoader } from '../loaders.ts'
import { subjectErrors, tenantNotFound } from './names.ts'

/**
 * Membership is what a token says, so its end is a fact about tokens: those from before open nothing more.
 * @returns since when; null for a dry run that would have succeeded
 * @throws GraphQLError FORBIDDEN
 */
export async function removeMember(context: Context, input: RemoveMemberInput): Promise<Outcome<string | null>> {
  const tenant = await tenantLoader(context).load(input.tenantId)
  if (!tenant) return { ok: false, errors: [tenantNotFound()] }
  const tenantId = tenant.id
  if (!may(context.identity, 'member.remove', { tenantId })) {
    return deny(context, 'removeMember', input, 'remove members of this tenant')
  }
  const now = new Date(context.clock.nowMs())
  const key = input.dryRun ? null : input.idempotencyKey
  const principal = context.identity.subject
  return context.write((tx) =>
    idempotent(tx, { tenantId, principal, mutation: 'removeMember', key, input, now }, async () => {
      const errors = subjectErrors(input.subject)
      if (errors.length > 0) return { ok: false, errors }
      if (input.dryRun) return { ok: true, result: null }

      const at = new Date(context.wall.nowMs()).toISOString()
      const id = `${tenantId}/${input.subject}`
      await publishFact(tx, 'removal', tenantId, { id, tenantId, subject: input.subject, at })
      await audit(tx, {
        tenantId,
        at: now,
        principal,
        action: 'removeMember',
        objectId: tenantId,
        decision: 'allowed',
        requestId: context.requestId,
        input,
      })
      return { ok: true, result: at }
    }),
  )
}
