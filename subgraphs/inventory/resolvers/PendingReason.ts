import { outlookLoader } from '../domain/outlook.ts'
import type { PendingReasonResolvers } from '../generated/resolvers.ts'

/** Fields on what jobs owns, and has shown to the caller before anything is asked here. */
export const PendingReason: PendingReasonResolvers = {
  __resolveReference: ({ workload }) => ({ workload }),

  async estimatedStart({ workload }, _args, context) {
    const outlook = await outlookLoader(context, false).load(workload)
    return outlook?.start.atMs == null ? null : new Date(outlook.start.atMs)
  },
  estimateSureness: async ({ workload }, _args, context) =>
    (await outlookLoader(context, false).load(workload))?.start.sureness ?? null,
  numbers: async ({ workload }, _args, context) =>
    (await outlookLoader(context, false).load(workload))?.numbers ?? null,
  async changes({ workload }, _args, context) {
    const outlook = await outlookLoader(context, true).load(workload)
    return outlook && [...outlook.changes]
  },
}
