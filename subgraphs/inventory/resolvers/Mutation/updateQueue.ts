import { updateQueue as update } from '../../domain/updateQueue.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { queueLoader } from '../../loaders.ts'

export const updateQueue: MutationResolvers['updateQueue'] = async (_parent, { input }, context) => {
  const outcome = await update(context, input)
  if (!outcome.ok) return { queue: null, userErrors: outcome.errors }
  const id = outcome.result
  return { queue: id === null ? null : await queueLoader(context).load(id), userErrors: [] }
}
