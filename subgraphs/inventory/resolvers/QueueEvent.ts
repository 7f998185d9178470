import type { QueueEventResolvers, QueueEventType } from '../generated/resolvers.ts'
import { queueLoader } from '../loaders.ts'
import type { QueueEventMapper } from '../mappers.ts'
import type { QueueNumbers } from '../store/queueNumbers.ts'

export const QueueEvent: QueueEventResolvers = {
  at: (event, _args, context) => ('lagged' in event ? new Date(context.clock.nowMs()) : event.at).toISOString(),
  type: (event) => ('lagged' in event ? 'LAGGED' : (event.type as QueueEventType)),
  queue: (event, _args, context) => ('lagged' in event ? null : queueLoader(context).load(event.subjectId)),
  pending: (event) => numbersOf(event)?.pending ?? null,
  admitted: (event) => numbersOf(event)?.admitted ?? null,
  usedGpus: (event) => numbersOf(event)?.usedGpus ?? null,
  pendingGpus: (event) => numbersOf(event)?.pendingGpus ?? null,
}

/** As of the event. */
function numbersOf(event: QueueEventMapper): QueueNumbers | null {
  return 'lagged' in event ? null : (event.body as QueueNumbers)
}
