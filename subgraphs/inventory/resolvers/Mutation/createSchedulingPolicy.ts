import { createSchedulingPolicy as create } from '../../domain/schedulingPolicies.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { policyLoader } from '../../loaders.ts'

export const createSchedulingPolicy: MutationResolvers['createSchedulingPolicy'] = async (
  _parent,
  { input },
  context,
) => {
  const outcome = await create(context, input)
  if (!outcome.ok) return { schedulingPolicy: null, userErrors: outcome.errors }
  const id = outcome.result
  return { schedulingPolicy: id === null ? null : await policyLoader(context).load(id), userErrors: [] }
}
