import type { ProjectRow } from './store/projects.ts'
import type { TenantRow } from './store/tenants.ts'

export type TenantMapper = TenantRow
export type ProjectMapper = ProjectRow
