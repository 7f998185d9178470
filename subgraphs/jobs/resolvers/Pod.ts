import { notFound } from '../../../platform/graph/errors.ts'
import type { PodResolvers } from '../generated/resolvers.ts'
import { jobLoader, podLoader } from '../loaders.ts'

export const Pod: PodResolvers = {
  async __resolveReference({ id }, context) {
    const pod = await podLoader(context).load(id)
    if (!pod) throw notFound('pod of that id')
    return pod
  },

  job: ({ jobId }, _args, context) => (jobId === null ? null : jobLoader(context).load(jobId)),
}
