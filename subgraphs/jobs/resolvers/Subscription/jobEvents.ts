import { isJobEvent, type JobEvent, readJobEvent } from '../../domain/events.ts'
import { followEvents } from '../../domain/followEvents.ts'
import type { SubscriptionResolvers } from '../../generated/resolvers.ts'

export const jobEvents: SubscriptionResolvers['jobEvents'] = {
  subscribe: (_parent, args, context) =>
    followEvents<JobEvent>(context, args, {
      accepts: isJobEvent,
      jobIdOf: ({ subjectId }) => subjectId,
      read: readJobEvent,
      lagged: ({ cursor, at }) => ({ cursor, at, type: 'LAGGED', job: null, pod: null, reason: null, message: null }),
    }),
  resolve: (event: unknown) => event as JobEvent,
}
