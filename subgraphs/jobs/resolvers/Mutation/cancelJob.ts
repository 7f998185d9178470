import { cancelJob as cancel } from '../../domain/cancelJob.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'

export const cancelJob: MutationResolvers['cancelJob'] = async (_parent, { input }, context) => {
  const cancellation = await cancel(context, input)
  return cancellation.ok ? { job: cancellation.job, userErrors: [] } : { job: null, userErrors: cancellation.errors }
}
