import type { PendingReasonResolvers } from '../generated/resolvers.ts'
import { jobLoader, positionLoader } from '../loaders.ts'

export const PendingReason: PendingReasonResolvers = {
  position: ({ jobId }, _args, context) => positionLoader(context).load(jobId),

  /** By the cluster and the uid in it: what a tenant writes on its objects does not count. */
  async workload({ jobId }, _args, context) {
    const job = await jobLoader(context).load(jobId)
    return job === null || job.uid === null ? '' : `${job.clusterId}/${job.uid}`
  },
}
