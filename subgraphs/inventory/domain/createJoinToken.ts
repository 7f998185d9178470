import { audit } from '../../../platform/audit.ts'
import { PLATFORM } from '../../../platform/database/common.ts'
import { deny } from '../../../platform/graph/deny.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { JOIN_TOKEN_PREFIX } from '../../../platform/link/protocol.ts'
import type { Context } from '../context.ts'
import type { CreateJoinTokenInput } from '../generated/resolvers.ts'
import { insertJoinToken } from '../store/joinTokens.ts'
import { hashOf, newSecret } from './joinSecrets.ts'
import { isClusterName } from './registerCluster.ts'

const DEFAULT_SECONDS = 86_400
const MIN_SECONDS = 60
const MAX_SECONDS = 30 * 86_400

/**
 * @returns the new token's id, null for a dry run that would have succeeded; and its secret, where it was made now
 * @throws GraphQLError FORBIDDEN
 */
export async function createJoinToken(
  context: Context,
  input: CreateJoinTokenInput,
): Promise<{ outcome: Outcome<string | null>; secret: string | null }> {
  const { identity } = context
  if (!may(identity, 'cluster.join', { tenantId: null }))
    return deny(context, 'createJoinToken', input, 'let a cluster join')
  const now = new Date(context.clock.nowMs())
  const key = input.dryRun ? null : input.idempotencyKey
  const scope = { tenantId: PLATFORM, principal: identity.subject, mutation: 'createJoinToken', key, input, now }
  let secret: string | null = null
  const outcome = await context.write((tx) =>
    idempotent<string | null>(tx, scope, async () => {
      const lifetimeSeconds = input.lifetimeSeconds ?? DEFAULT_SECONDS
      const errors = errorsIn(input.cluster, lifetimeSeconds)
      if (errors.length > 0) return { ok: false, errors }
      if (input.dryRun) return { ok: true, result: null }
      const id = context.ids.next('jointoken')
      const made = newSecret(JOIN_TOKEN_PREFIX)
      // By the wall clock, as all that lets somebody in.
      const createdMs = context.wall.nowMs()
      const token = {
        id,
        cluster: input.cluster,
        createdAt: new Date(createdMs).toISOString(),
        createdBy: identity.subject,
        expiresAt: new Date(createdMs + lifetimeSeconds * 1_000).toISOString(),
        revokedAt: null,
        usedAt: null,
        clusterUid: null,
      }
      await insertJoinToken(tx, token, hashOf(made))
      await audit(tx, {
        tenantId: PLATFORM,
        at: now,
        principal: identity.subject,
        action: 'createJoinToken',
        objectId: id,
        decision: 'allowed',
        requestId: context.requestId,
        input,
      })
      secret = made
      return { ok: true, result: id }
    }),
  )
  return { outcome, secret }
}

function errorsIn(cluster: string, lifetimeSeconds: number): UserError[] {
  const errors: UserError[] = []
  if (!isClusterName(cluster)) {
    errors.push({
      code: 'NAME_INVALID',
      field: ['cluster'],
      message: "A cluster's name is a DNS label of at most 63 characters.",
      fix: 'Use lower-case letters, digits and hyphens.',
    })
  }
  if (lifetimeSeconds < MIN_SECONDS || lifetimeSeconds > MAX_SECONDS) {
    errors.push({
      code: 'LIFETIME_INVALID',
      field: ['lifetimeSeconds'],
      message: `A join token lasts ${MIN_SECONDS} to ${MAX_SECONDS} seconds.`,
      fix: 'An agent that has joined needs it no more: a day is enough.',
    })
  }
  return errors
}
