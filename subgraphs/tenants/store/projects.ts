import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'

export interface ProjectRow {
  id: string
  tenantId: string
  slug: string
  name: string
  /** Kubernetes namespace, the same in every cluster. */
  namespace: string
  /** RFC 3339. */
  createdAt: string
}

/** @returns false, with nothing written, where the tenant has a project of that slug */
export async function insertProject(tx: Tx, project: ProjectRow): Promise<boolean> {
  const inserted = await tx.execute(sql`
    insert into projects (id, tenant_id, slug, name, namespace, created_at)
    values (${project.id}, ${project.tenantId}, ${project.slug}, ${project.name}, ${project.namespace},
            ${project.createdAt})
    on conflict (tenant_id, slug) do nothing
    returning id`)
  return inserted.length === 1
}

export async function projectSlugTaken(tx: Tx, tenantId: string, slug: string): Promise<boolean> {
  const rows = await tx.execute(sql`select 1 from projects where tenant_id = ${tenantId} and slug = ${slug}`)
  return rows.length > 0
}

/** Those of `ids` that the actor may see, in no order. */
export async function projectsByIds(tx: Tx, ids: readonly string[]): Promise<ProjectRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select id, tenant_id, slug, name, namespace, created_at from projects
     where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)
  return rows.map(fromStored)
}

/** One more than `limit` of each tenant where there are more, tenant by tenant, in the order of creation. */
export async function projectsOfTenants(
  tx: Tx,
  tenantIds: readonly string[],
  page: { limit: number; after: string | null },
): Promise<ProjectRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select project.*
      from jsonb_array_elements_text(${JSON.stringify(tenantIds)}::jsonb) as wanted(tenant_id)
     cross join lateral (
       select id, tenant_id, slug, name, namespace, created_at from projects
        where projects.tenant_id = wanted.tenant_id and id > ${page.after ?? ''}
        order by id
        limit ${page.limit + 1}) as project`)
  return rows.map(fromStored)
}

interface Stored extends Record<string, unknown> {
  id: string
  tenant_id: string
  slug: string
  name: string
  namespace: string
  created_at: string
}

function fromStored(row: Stored): ProjectRow {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    slug: row.slug,
    name: row.name,
    namespace: row.namespace,
    createdAt: instant(row.created_at).toISOString(),
  }
}
