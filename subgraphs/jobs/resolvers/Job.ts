import { notFound } from '../../../platform/graph/errors.ts'
import { connection, cursorInvalid, pageOf } from '../../../platform/graph/pages.ts'
import type { JobResolvers } from '../generated/resolvers.ts'
import { currentReplicasLoader, decisionsLoader, jobLoader, podsOfJobLoader } from '../loaders.ts'

export const Job: JobResolvers = {
  async __resolveReference({ id }, context) {
    const job = await jobLoader(context).load(id)
    if (!job) throw notFound('job of that id')
    return job
  },

  project: ({ projectId }) => ({ id: projectId }),

  queue: ({ queueId }) => (queueId === null ? null : { id: queueId }),

  // Events of an earlier release do not tell these two.
  origin: ({ adopted }) => (adopted ? 'KUBECTL' : 'API'),
  createdBy: ({ createdBy }) => createdBy ?? null,

  currentReplicas: ({ id }, _args, context) => currentReplicasLoader(context).load(id),

  pending: ({ id, pending }) => pending && { ...pending, jobId: id },

  async pods({ id }, args, context) {
    const page = pageOf(args)
    return connection(await podsOfJobLoader(context, page).load(id), page, (pod) => pod.id)
  },

  async decisions({ id }, args, context) {
    const page = pageOf(args)
    if (page.after !== null && !/^\d{1,18}$/.test(page.after)) throw cursorInvalid()
    return connection(await decisionsLoader(context, page).load(id), page, (decision) => decision.id)
  },
}
