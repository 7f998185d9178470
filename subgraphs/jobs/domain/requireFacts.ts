import { knownFact } from '../../../platform/facts/facts.ts'
import { notFound } from '../../../platform/graph/errors.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import type { Context } from '../context.ts'

/**
 * A filter by an object that does not exist, or is another tenant's, is an error and not an empty list.
 * @throws GraphQLError NOT_FOUND
 */
export async function requireFacts(
  context: Context,
  { projectId, queueId }: { projectId: string | null; queueId: string | null },
): Promise<void> {
  if (projectId !== null) await require(context, 'project', projectId)
  if (queueId !== null) await require(context, 'queue', queueId)
}

async function require(context: Context, kind: 'project' | 'queue', id: string): Promise<void> {
  const fact = prefixOf(id) === kind ? await knownFact(await context.read(), kind, id) : null
  const action = kind === 'project' ? 'job.read' : 'queue.read'
  if (!fact || !may(context.identity, action, fact)) throw notFound(`${kind} of that id`)
}
