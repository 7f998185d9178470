import { createProject } from './Mutation/createProject.ts'
import { createTenant } from './Mutation/createTenant.ts'
import { removeMember } from './Mutation/removeMember.ts'
import { Project } from './Project.ts'
import { node } from './Query/node.ts'
import { tenant } from './Query/tenant.ts'
import { tenants } from './Query/tenants.ts'
import { viewer } from './Query/viewer.ts'
import { Tenant } from './Tenant.ts'

export const resolvers = {
  Query: { node, tenant, tenants, viewer },
  Mutation: { createProject, createTenant, removeMember },
  Project,
  Tenant,
}
