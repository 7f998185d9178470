import type { NewEvent } from '../../../platform/events/events.ts'
import type { StoredEvent } from '../../../platform/events/hub.ts'
import { notFound } from '../../../platform/graph/errors.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Context } from '../context.ts'
import { jobLoader } from '../loaders.ts'
import { requireFacts } from './requireFacts.ts'
import { streamOf } from './streamOf.ts'

interface EventArguments {
  projectId?: string | null | undefined
  jobId?: string | null | undefined
  after?: string | null | undefined
}

/** What differs between events of jobs and of pods. */
interface EventKind<E> {
  accepts(event: Pick<NewEvent, 'type'>): boolean
  jobIdOf(event: NewEvent): string | null
  read(event: StoredEvent): E
  /** The last answer of a stream whose reader was too slow. */
  lagged(mark: { cursor: string; at: string }): E
}

/**
 * The events a caller asked for and may see. What it named is looked up before the stream begins.
 * @throws GraphQLError NOT_FOUND, FORBIDDEN
 */
export async function followEvents<E>(
  context: Context,
  { projectId = null, jobId = null, after }: EventArguments,
  kind: EventKind<E>,
): Promise<AsyncGenerator<E, void, void>> {
  const { identity, events, clock } = context
  const tenantId = streamOf(identity)
  await requireFacts(context, { projectId, queueId: null })
  if (jobId !== null && !(await jobLoader(context).load(jobId))) throw notFound('job of that id')
  const source = events.subscribe({
    tenantId,
    after,
    accepts: (event) =>
      kind.accepts(event) &&
      (projectId === null || event.projectId === projectId) &&
      (jobId === null || kind.jobIdOf(event) === jobId) &&
      // Asked for each event: the stream's tenant is one rule, the decision function is the other.
      may(identity, 'job.read', event),
  })
  return mapped(source, (event) =>
    'lagged' in event
      ? kind.lagged({ cursor: event.cursor, at: new Date(clock.nowMs()).toISOString() })
      : kind.read(event),
  )
}

/** Unlike an async generator over the source, this can be told to end while the source waits. */
function mapped<A, B>(source: AsyncGenerator<A, void, void>, map: (value: A) => B): AsyncGenerator<B, void, void> {
  const through = (result: IteratorResult<A, void>): IteratorResult<B, void> =>
    result.done ? result : { done: false, value: map(result.value) }
  return {
    next: async () => through(await source.next()),
    return: async () => through(await source.return()),
    throw: async (error) => through(await source.throw(error)),
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      await source.return()
    },
  }
}
