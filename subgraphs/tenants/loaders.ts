import type DataLoader from 'dataloader'
import { type GraphContext, inOrderOf } from '../../platform/graph/context.ts'
import { type ProjectRow, projectsByIds } from './store/projects.ts'
import { type TenantRow, tenantsByIds } from './store/tenants.ts'

/** null: unknown, or not the caller's to see. */
export function tenantLoader(context: GraphContext): DataLoader<string, TenantRow | null> {
  return context.loader('tenant', async (tx, ids) => inOrderOf(ids, await tenantsByIds(tx, ids), ({ id }) => id))
}

/** null: unknown, or not the caller's to see. */
export function projectLoader(context: GraphContext): DataLoader<string, ProjectRow | null> {
  return context.loader('project', async (tx, ids) => inOrderOf(ids, await projectsByIds(tx, ids), ({ id }) => id))
}
