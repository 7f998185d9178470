import { notFound } from '../../../platform/graph/errors.ts'
import type { ProjectResolvers } from '../generated/resolvers.ts'
import { projectLoader, tenantLoader } from '../loaders.ts'

export const Project: ProjectResolvers = {
  async __resolveReference({ id }, context) {
    const project = await projectLoader(context).load(id)
    if (!project) throw notFound('project of that id')
    return project
  },

  tenant: ({ tenantId }, _args, context) => tenantLoader(context).load(tenantId),
}
