import { sql } from 'drizzle-orm'
import { index, pgSchema, text, timestamp, unique } from 'drizzle-orm/pg-core'
import { commonTables } from '../../../platform/database/common.ts'

export const tenantsSchema = pgSchema('tenants')

export const {
  events,
  eventHorizons,
  logEpoch,
  feedEntries,
  feedSequence,
  knownFacts,
  factsThrough,
  observationProgress,
  quarantine,
  idempotency,
  retentionMarks,
  auditLog,
} = commonTables(tenantsSchema)

export const tenants = tenantsSchema.table('tenants', {
  id: text('id').primaryKey(),
  /** Row-level security compares this column in every table; a tenant belongs to itself. */
  tenantId: text('tenant_id').notNull().generatedAlwaysAs(sql`id`),
  slug: text('slug').notNull().unique(),
  name: text('name').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull(),
})

export const projects = tenantsSchema.table(
  'projects',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id')
      .notNull()
      .references(() => tenants.id),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    namespace: text('namespace').notNull().unique(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull(),
  },
  (table) => [
    unique('projects_slug').on(table.tenantId, table.slug),
    index('projects_of_tenant').on(table.tenantId, table.id),
  ],
)

/** Clusters that have been given every project's namespace directive. */
export const servedClusters = tenantsSchema.table('served_clusters', { clusterId: text('cluster_id').primaryKey() })
