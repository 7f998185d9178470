import type { ClusterPolicyResolvers } from '../generated/resolvers.ts'
import { policyLoader } from '../loaders.ts'

export const ClusterPolicy: ClusterPolicyResolvers = {
  async desired({ policyId }, _args, context) {
    const policy = await policyLoader(context).load(policyId)
    if (policy === null) throw new Error('a policy that was applied is never deleted')
    return policy
  },
  desiredGeneration: ({ generation }) => generation,
  previous: ({ before }, _args, context) => (before === null ? null : policyLoader(context).load(before.policyId)),
}
