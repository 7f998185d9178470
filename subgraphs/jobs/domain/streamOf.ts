import { forbidden } from '../../../platform/graph/errors.ts'
import type { Identity } from '../../../platform/identity/identity.ts'

/**
 * Whose events a caller reads: its tenant's, or every tenant's (null).
 * @throws GraphQLError FORBIDDEN
 */
export function streamOf(identity: Identity): string | null {
  switch (identity.kind) {
    case 'operator':
      return null
    case 'member':
      return identity.tenantId
    case 'agent':
      throw forbidden('query the graph: agents speak over the link')
  }
}
