import { createJoinToken as create } from '../../domain/createJoinToken.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { joinTokenById } from '../../store/joinTokens.ts'

export const createJoinToken: MutationResolvers['createJoinToken'] = async (_parent, { input }, context) => {
  const { outcome, secret } = await create(context, input)
  if (!outcome.ok) return { joinToken: null, token: null, userErrors: outcome.errors }
  const id = outcome.result
  return {
    joinToken: id === null ? null : await joinTokenById(await context.read(), id),
    token: secret,
    userErrors: [],
  }
}
