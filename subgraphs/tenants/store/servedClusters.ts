import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { NamespaceDirective } from '../../../platform/link/protocol.ts'

/**
 * Held to the end of a transaction that adds a project (`shared`) or a cluster (`exclusive`): so
 * that a project and a cluster that come at the same moment do not miss one another.
 */
export async function lockClusters(tx: Tx, mode: 'shared' | 'exclusive'): Promise<void> {
  await tx.execute(
    mode === 'shared'
      ? sql`select pg_advisory_xact_lock_shared(hashtext('tenants.served_clusters'))`
      : sql`select pg_advisory_xact_lock(hashtext('tenants.served_clusters'))`,
  )
}

/** @returns false where the cluster has been served before */
export async function markClusterServed(tx: Tx, clusterId: string): Promise<boolean> {
  const inserted = await tx.execute(sql`
    insert into served_clusters (cluster_id) values (${clusterId})
    on conflict do nothing
    returning cluster_id`)
  return inserted.length === 1
}

/** Every project as its namespace directive. */
export async function allNamespaces(tx: Tx): Promise<NamespaceDirective[]> {
  const rows = await tx.execute<
    Record<'namespace' | 'tenant_id' | 'tenant_slug' | 'project_id' | 'project_slug', string>
  >(sql`
    select namespace, tenant_id, tenants.slug as tenant_slug, projects.id as project_id, projects.slug as project_slug
      from projects join tenants using (tenant_id)`)
  return rows.map((row) => ({
    namespace: row.namespace,
    tenantId: row.tenant_id,
    tenantSlug: row.tenant_slug,
    projectId: row.project_id,
    projectSlug: row.project_slug,
  }))
}
