import { forbidden } from '../../../../platform/graph/errors.ts'
import type { Role } from '../../../../platform/identity/identity.ts'
import type { QueryResolvers, TenantRole } from '../../generated/resolvers.ts'
import { tenantLoader } from '../../loaders.ts'

const ROLE_NAMES: Record<Role, TenantRole> = {
  'tenant-admin': 'TENANT_ADMIN',
  developer: 'DEVELOPER',
  viewer: 'VIEWER',
}

export const viewer: QueryResolvers['viewer'] = async (_parent, _args, context) => {
  const { identity } = context
  switch (identity.kind) {
    case 'operator':
      return { kind: 'OPERATOR', subject: identity.subject, role: null, tenant: null }
    case 'member':
      return {
        kind: 'MEMBER',
        subject: identity.subject,
        role: ROLE_NAMES[identity.role],
        tenant: await tenantLoader(context).load(identity.tenantId),
      }
    case 'agent':
      throw forbidden('query the graph: agents speak over the link')
  }
}
