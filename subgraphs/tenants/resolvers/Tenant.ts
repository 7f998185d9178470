import { notFound } from '../../../platform/graph/errors.ts'
import { connection, pageOf } from '../../../platform/graph/pages.ts'
import type { TenantResolvers } from '../generated/resolvers.ts'
import { tenantLoader } from '../loaders.ts'
import { projectsOfTenants } from '../store/projects.ts'

export const Tenant: TenantResolvers = {
  async __resolveReference({ id }, context) {
    const tenant = await tenantLoader(context).load(id)
    if (!tenant) throw notFound('tenant of that id')
    return tenant
  },

  async projects({ id }, args, context) {
    const page = pageOf(args)
    // One loader per page asked for: a list of tenants gets all its projects by one statement.
    const loader = context.loader<string, Awaited<ReturnType<typeof projectsOfTenants>>>(
      `projects ${page.limit} ${page.after}`,
      async (tx, tenantIds) => {
        const byTenant = Map.groupBy(await projectsOfTenants(tx, tenantIds, page), ({ tenantId }) => tenantId)
        return tenantIds.map((tenantId) => byTenant.get(tenantId) ?? [])
      },
    )
    return connection(await loader.load(id), page, (project) => project.id)
  },
}
