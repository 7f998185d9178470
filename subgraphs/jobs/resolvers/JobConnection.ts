import type { JobConnectionResolvers } from '../generated/resolvers.ts'
import { countJobs } from '../store/listJobs.ts'

export const JobConnection: JobConnectionResolvers = {
  /** Counted only where it is asked for. */
  totalCount: async ({ filter }, _args, context) => countJobs(await context.read(), filter),
}
