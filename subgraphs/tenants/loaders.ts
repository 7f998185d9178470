import type DataLoader from 'dataloader'
import { type GraphContext, inOrderOf } from '../../platform/graph/context.ts'
import { may } from '../../platform/identity/authorize.ts'
import { prefixOf } from '../../platform/ids.ts'
import { type ProjectRow, projectsByIds } from './store/projects.ts'
import { type TenantRow, tenantsByIds } from './store/tenants.ts'

/** null: unknown, or not the caller's to see. */
export function tenantLoader(context: GraphContext): DataLoader<string, TenantRow | null> {
  return context.loader('tenant', async (tx, ids) => {
    const tenants = await tenantsByIds(
      tx,
      ids.filter((id) => prefixOf(id) === 'tenant'),
    )
    return inOrderOf(
      ids,
      tenants.filter(({ id }) => may(context.identity, 'tenant.read', { tenantId: id })),
      ({ id }) => id,
    )
  })
}

/** null: unknown, or not the caller's to see. */
export function projectLoader(context: GraphContext): DataLoader<string, ProjectRow | null> {
  return context.loader('project', async (tx, ids) => {
    const projects = await projectsByIds(
      tx,
      ids.filter((id) => prefixOf(id) === 'project'),
    )
    return inOrderOf(
      ids,
      projects.filter((project) => may(context.identity, 'tenant.read', project)),
      ({ id }) => id,
    )
  })
}
