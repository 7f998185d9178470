import { notFound } from '../../../platform/graph/errors.ts'
import { connection, cursorInvalid, pageOf } from '../../../platform/graph/pages.ts'
import { streamOf } from '../domain/tellQueue.ts'
import type { QueueResolvers } from '../generated/resolvers.ts'
import { queueLoader, queueNumbersLoader, queueSamplesLoader, queueUsageLoader } from '../loaders.ts'

export const Queue: QueueResolvers = {
  async __resolveReference({ id }, context) {
    const queue = await queueLoader(context).load(id)
    if (!queue) throw notFound('queue of that id')
    return queue
  },

  parent: ({ parentId }, _args, context) => (parentId === null ? null : queueLoader(context).load(parentId)),
  tenant: ({ tenantId }) => (tenantId === null ? null : { id: tenantId }),
  quotas: ({ quotas }) => [...quotas],

  pending: async ({ id }, _args, context) => (await queueNumbersLoader(context).load(id)).pending,
  admitted: async ({ id }, _args, context) => (await queueNumbersLoader(context).load(id)).admitted,
  usedGpus: async ({ id }, _args, context) => (await queueNumbersLoader(context).load(id)).usedGpus,
  pendingGpus: async ({ id }, _args, context) => (await queueNumbersLoader(context).load(id)).pendingGpus,

  flavorsUsage: async ({ id }, _args, context) => [...((await queueUsageLoader(context).load(id))?.cells ?? [])],
  weightedShare: async ({ id }, _args, context) => (await queueUsageLoader(context).load(id))?.weightedShare ?? null,
  usageAsOf: async ({ id }, _args, context) => (await queueUsageLoader(context).load(id))?.at ?? null,

  async history({ id }, { since, ...args }, context) {
    const page = pageOf(args)
    if (page.after !== null && Number.isNaN(Date.parse(page.after))) throw cursorInvalid()
    const samples = queueSamplesLoader(context, { ...page, since: since == null ? null : new Date(since) })
    return connection(await samples.load(id), page, ({ minute }) => minute)
  },

  eventsCursor: async (queue, _args, context) => context.events.cursor(await context.read(), streamOf(queue)),
}
