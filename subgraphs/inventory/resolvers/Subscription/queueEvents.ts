import { notFound } from '../../../../platform/graph/errors.ts'
import { streamOf } from '../../domain/tellQueue.ts'
import type { SubscriptionResolvers } from '../../generated/resolvers.ts'
import { queueLoader } from '../../loaders.ts'
import type { QueueEventMapper } from '../../mappers.ts'

export const queueEvents: SubscriptionResolvers['queueEvents'] = {
  async subscribe(_parent, { queueId, after }, context) {
    const queue = await queueLoader(context).load(queueId)
    if (!queue) throw notFound('queue of that id')
    return context.events.subscribe({
      tenantId: streamOf(queue),
      after,
      accepts: ({ subjectId }) => subjectId === queueId,
    })
  },
  resolve: (event: QueueEventMapper) => event,
}
