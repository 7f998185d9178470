import { submitJob as submit } from '../../domain/submitJob.ts'
import type { MutationResolvers } from '../../generated/resolvers.ts'

export const submitJob: MutationResolvers['submitJob'] = async (_parent, { input }, context) => {
  const submission = await submit(context, input)
  return submission.ok ? { job: submission.job, userErrors: [] } : { job: null, userErrors: submission.errors }
}
