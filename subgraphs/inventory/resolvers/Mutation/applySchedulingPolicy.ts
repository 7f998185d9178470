import { applySchedulingPolicy as apply } from '../../domain/schedulingPolicies.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { clusterLoader } from '../../loaders.ts'

export const applySchedulingPolicy: MutationResolvers['applySchedulingPolicy'] = async (
  _parent,
  { input },
  context,
) => {
  const outcome = await apply(context, input)
  if (!outcome.ok) return { clusters: [], userErrors: outcome.errors }
  const loader = clusterLoader(context)
  const clusters = await Promise.all(outcome.result.map((id) => loader.load(id)))
  return { clusters: clusters.filter((cluster) => cluster !== null), userErrors: [] }
}
