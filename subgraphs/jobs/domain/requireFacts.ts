import { knownFact } from '../../../platform/facts/facts.ts'
import { notFound, refuse } from '../../../platform/graph/errors.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import type { Context } from '../context.ts'

/**
 * A filter by an object that does not exist, or is another tenant's, is an error and not an empty list.
 * One that is not known here yet is waited for, so call it before anything is read.
 * @throws GraphQLError NOT_FOUND, NOT_YET_KNOWN
 */
export async function requireFacts(
  context: Context,
  { projectId, queueId }: { projectId: string | null; queueId: string | null },
): Promise<void> {
  if (projectId !== null) await require(context, 'project', projectId)
  if (queueId !== null) await require(context, 'queue', queueId)
}

const OWNERS = { project: 'tenants', queue: 'inventory' } as const
const ACTIONS = { project: 'job.read', queue: 'queue.read' } as const

async function require(context: Context, kind: 'project' | 'queue', id: string): Promise<void> {
  if (prefixOf(id) !== kind) throw notFound(`${kind} of that id`)
  if (await isReadable(context, kind, id)) return
  if (!(await context.facts.catchUp(OWNERS[kind]))) {
    throw refuse(
      'NOT_YET_KNOWN',
      `What is new in ${OWNERS[kind]} has not arrived here yet; try again in a few seconds.`,
    )
  }
  if (!(await isReadable(context, kind, id))) throw notFound(`${kind} of that id`)
}

async function isReadable(context: Context, kind: 'project' | 'queue', id: string): Promise<boolean> {
  const fact = await knownFact(await context.read(), kind, id)
  return fact !== null && may(context.identity, ACTIONS[kind], fact)
}
