import { connection, pageOf } from '../../../../platform/graph/pages.ts'
import { requireFacts } from '../../domain/requireFacts.ts'
import { streamOf } from '../../domain/streamOf.ts'
import type { QueryResolvers } from '../../generated/resolvers.ts'
import { listJobs } from '../../store/listJobs.ts'

export const jobs: QueryResolvers['jobs'] = async (_parent, args, context) => {
  const page = pageOf(args)
  const filter = { projectId: args.projectId ?? null, queueId: args.queueId ?? null, phases: args.phase ?? null }
  const tenantId = streamOf(context.identity)
  await requireFacts(context, filter)
  const tx = await context.read()
  const found = await listJobs(tx, filter, page)
  // The same snapshot as the list: what this cursor comes after is what the list shows.
  const eventsCursor = await context.events.cursor(tx, tenantId)
  return { ...connection(found, page, ({ id }) => id), eventsCursor, filter }
}
