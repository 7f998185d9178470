import { sql } from 'drizzle-orm'
import {
  bigint,
  customType,
  index,
  integer,
  jsonb,
  type PgSchema,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

/** Postgres' 64-bit transaction id. */
export const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/**
 * The tables that every subgraph has in its schema. Positions in a log are (xid, id): readers take
 * only rows whose transaction is older than every running one, so nothing is lost or doubled.
 */
export function commonTables(schema: PgSchema) {
  return {
    /** The event log: append only. */
    events: schema.table(
      'events',
      {
        id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
        xid: xid8('xid').notNull(),
        tenantId: text('tenant_id').notNull(),
        type: text('type').notNull(),
        at: at('at').notNull(),
        subjectId: text('subject_id').notNull(),
        projectId: text('project_id'),
        body: jsonb('body').notNull(),
      },
      (table) => [
        index('events_position').on(table.xid, table.id),
        index('events_tenant_position').on(table.tenantId, table.xid, table.id),
      ],
    ),
    /** One row: changes when the log's history is replaced (restore), so that old cursors are told. */
    logEpoch: schema.table('log_epoch', { epoch: text('epoch').primaryKey() }),
    /** Per stream, the position of the newest event that is kept no more: no cursor before it can be resumed. */
    eventHorizons: schema.table('event_horizons', {
      tenantId: text('tenant_id').primaryKey(),
      xid: xid8('xid').notNull(),
      id: bigint('id', { mode: 'bigint' }).notNull(),
    }),
    /** Facts (feed `facts`) and directives (feed `cluster:<id>`): the newest body per key, at the position of its last change. */
    feedEntries: schema.table(
      'feed_entries',
      {
        feed: text('feed').notNull(),
        kind: text('kind').notNull(),
        key: text('key').notNull(),
        tenantId: text('tenant_id'),
        body: jsonb('body'),
        xid: xid8('xid').notNull(),
        id: bigint('id', { mode: 'bigint' }).notNull(),
      },
      (table) => [
        primaryKey({ columns: [table.feed, table.kind, table.key] }),
        index('feed_entries_position').on(table.feed, table.xid, table.id),
        index('feed_entries_withdrawn').on(table.xid).where(sql`body is null`),
      ],
    ),
    feedSequence: schema.sequence('feed_sequence'),
    /** Projection of other subgraphs' facts. */
    knownFacts: schema.table(
      'known_facts',
      {
        kind: text('kind').notNull(),
        id: text('id').notNull(),
        tenantId: text('tenant_id'),
        body: jsonb('body').notNull(),
      },
      (table) => [
        primaryKey({ columns: [table.kind, table.id] }),
        index('known_facts_tenant').on(table.kind, table.tenantId),
      ],
    ),
    /** How far the projection has followed each source. */
    factsThrough: schema.table('facts_through', {
      source: text('source').primaryKey(),
      position: text('position').notNull(),
    }),
    /** The last batch of observations applied, per cluster. */
    observationProgress: schema.table('observation_progress', {
      clusterId: text('cluster_id').primaryKey(),
      epoch: integer('epoch').notNull(),
      number: integer('number').notNull(),
      through: at('through').notNull(),
    }),
    /** Observations that could not be applied, kept for a person to look at. */
    quarantine: schema.table('quarantine', {
      id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
      clusterId: text('cluster_id').notNull(),
      epoch: integer('epoch').notNull(),
      number: integer('number').notNull(),
      record: jsonb('record').notNull(),
      error: text('error').notNull(),
      at: at('at').notNull(),
    }),
    /** First results of mutations by idempotency key. */
    idempotency: schema.table(
      'idempotency',
      {
        tenantId: text('tenant_id').notNull(),
        principal: text('principal').notNull(),
        mutation: text('mutation').notNull(),
        key: text('key').notNull(),
        inputHash: text('input_hash').notNull(),
        result: jsonb('result'),
        at: at('at').notNull(),
      },
      (table) => [
        primaryKey({ columns: [table.tenantId, table.principal, table.mutation, table.key] }),
        index('idempotency_at').on(table.at),
      ],
    ),
    /** How far the log and domain time had come at some instants of wall time: what retention counts back by. */
    retentionMarks: schema.table('retention_marks', {
      wallAt: at('wall_at').primaryKey(),
      domainAt: at('domain_at').notNull(),
      xid: xid8('xid').notNull(),
    }),
    /** Who did or tried what: append only, committed with the change. */
    auditLog: schema.table('audit_log', {
      id: bigint('id', { mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
      tenantId: text('tenant_id').notNull(),
      at: at('at').notNull(),
      principal: text('principal').notNull(),
      action: text('action').notNull(),
      objectId: text('object_id'),
      decision: text('decision').notNull(),
      requestId: text('request_id').notNull(),
      input: jsonb('input').notNull(),
    }),
  }
}

/** tenant_id of events, audit and idempotency rows that belong to no tenant. */
export const PLATFORM = 'platform'
