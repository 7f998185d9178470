import { removeMember as remove } from '../../domain/removeMember.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'

export const removeMember: MutationResolvers['removeMember'] = async (_parent, { input }, context) => {
  const outcome = await remove(context, input)
  return outcome.ok ? { removedAt: outcome.result, userErrors: [] } : { removedAt: null, userErrors: outcome.errors }
}
