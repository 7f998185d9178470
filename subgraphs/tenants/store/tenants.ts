import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'

export interface TenantRow {
  id: string
  slug: string
  name: string
  /** RFC 3339. */
  createdAt: string
}

/** @returns false, with nothing written, where the slug is taken */
export async function insertTenant(tx: Tx, tenant: TenantRow): Promise<boolean> {
  const inserted = await tx.execute(sql`
    insert into tenants (id, slug, name, created_at)
    values (${tenant.id}, ${tenant.slug}, ${tenant.name}, ${tenant.createdAt})
    on conflict (slug) do nothing
    returning id`)
  return inserted.length === 1
}

export async function tenantBySlug(tx: Tx, slug: string): Promise<TenantRow | null> {
  const [row] = await tx.execute<Stored>(sql`select id, slug, name, created_at from tenants where slug = ${slug}`)
  return row ? fromStored(row) : null
}

/** Those of `ids` that the actor may see, in no order. */
export async function tenantsByIds(tx: Tx, ids: readonly string[]): Promise<TenantRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select id, slug, name, created_at from tenants
     where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)
  return rows.map(fromStored)
}

/** One more than `limit` where there are more. Ids sort by the time of creation. */
export async function listTenants(tx: Tx, page: { limit: number; after: string | null }): Promise<TenantRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select id, slug, name, created_at from tenants
     where id > ${page.after ?? ''}
     order by id
     limit ${page.limit + 1}`)
  return rows.map(fromStored)
}

interface Stored extends Record<string, unknown> {
  id: string
  slug: string
  name: string
  created_at: string
}

function fromStored(row: Stored): TenantRow {
  return { id: row.id, slug: row.slug, name: row.name, createdAt: instant(row.created_at).toISOString() }
}
