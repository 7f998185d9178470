import { isPodEvent, jobIdOfPodEvent, type PodEvent, readPodEvent } from '../../domain/events.ts'
import { followEvents } from '../../domain/followEvents.ts'
import type { SubscriptionResolvers } from '../../generated/resolvers.ts'

export const podEvents: SubscriptionResolvers['podEvents'] = {
  subscribe: (_parent, args, context) =>
    followEvents<PodEvent>(context, args, {
      accepts: isPodEvent,
      jobIdOf: jobIdOfPodEvent,
      read: readPodEvent,
      lagged: ({ cursor, at }) => ({ cursor, at, type: 'LAGGED', pod: null }),
    }),
  resolve: (event: unknown) => event as PodEvent,
}
