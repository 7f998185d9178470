import { planDefragmentation } from '../../domain/planDefragmentation.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'

export const defragmentationPlan: QueryResolvers['defragmentationPlan'] = async (_parent, { input }, context) => {
  const planned = await planDefragmentation(context, input)
  return planned.ok ? { plan: planned.plan, userErrors: [] } : { plan: null, userErrors: planned.errors }
}
