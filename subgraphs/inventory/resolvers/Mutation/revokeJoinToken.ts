import { revokeJoinToken as revoke } from '../../domain/revokeJoinToken.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { joinTokenById } from '../../store/joinTokens.ts'

export const revokeJoinToken: MutationResolvers['revokeJoinToken'] = async (_parent, { input }, context) => {
  const outcome = await revoke(context, input)
  if (!outcome.ok) return { joinToken: null, userErrors: outcome.errors }
  const id = outcome.result
  return { joinToken: id === null ? null : await joinTokenById(await context.read(), id), userErrors: [] }
}
