import { createQueue as create } from '../../domain/createQueue.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { queueLoader } from '../../loaders.ts'

export const createQueue: MutationResolvers['createQueue'] = async (_parent, { input }, context) => {
  const outcome = await create(context, input)
  if (!outcome.ok) return { queue: null, userErrors: outcome.errors }
  const id = outcome.result
  return { queue: id === null ? null : await queueLoader(context).load(id), userErrors: [] }
}
