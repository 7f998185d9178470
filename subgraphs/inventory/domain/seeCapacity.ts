import { forbidden } from '../../../platform/graph/errors.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Context } from '../context.ts'

/**
 * Clusters, pools and devices are shared: everyone who may see the cloud sees them.
 * @throws GraphQLError FORBIDDEN
 */
export function assertSeesCapacity(context: Context): void {
  if (!may(context.identity, 'cluster.read', { tenantId: null })) throw forbidden('see the clusters')
}
