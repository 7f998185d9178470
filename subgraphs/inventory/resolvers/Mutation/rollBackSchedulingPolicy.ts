import { rollBackSchedulingPolicy as rollBack } from '../../domain/schedulingPolicies.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'
import { clusterLoader } from '../../loaders.ts'

export const rollBackSchedulingPolicy: MutationResolvers['rollBackSchedulingPolicy'] = async (
  _parent,
  { input },
  context,
) => {
  const outcome = await rollBack(context, input)
  if (!outcome.ok) return { clusters: [], userErrors: outcome.errors }
  const loader = clusterLoader(context)
  const clusters = await Promise.all(outcome.result.map((id) => loader.load(id)))
  return { clusters: clusters.filter((cluster) => cluster !== null), userErrors: [] }
}
