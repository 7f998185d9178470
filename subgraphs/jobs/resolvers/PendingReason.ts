import type { PendingReasonResolvers } from '../generated/resolvers.ts'
import { positionLoader } from '../loaders.ts'

export const PendingReason: PendingReasonResolvers = {
  position: ({ jobId }, _args, context) => positionLoader(context).load(jobId),

  /** Nobody can say before the scheduler has reserved a place for it. */
  estimatedStart: () => null,
}
