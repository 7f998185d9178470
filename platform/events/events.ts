import { sql } from 'drizzle-orm'
import type { Tx } from '../database/database.ts'
import { instant } from '../database/database.ts'
import type { Json } from '../json.ts'
import { IS_SETTLED, isAfter, ORIGIN, type Position, settledPart } from './positions.ts'

/** What happened, with the state as of then in `body`: an event is never looked up again to be understood. */
export interface NewEvent {
  /** Tenant id, or PLATFORM. One stream per tenant. */
  tenantId: string
  type: string
  at: Date
  /** Id of what it is about: a job, a queue. */
  subjectId: string
  projectId: string | null
  body: Json
}

export interface LoggedEvent extends NewEvent {
  position: Position
}

/** Appends in the change's own transaction; whoever waits is told after the commit. */
export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  const rows = events.map((event) => ({
    tenant_id: event.tenantId,
    type: event.type,
    at: event.at.toISOString(),
    subject_id: event.subjectId,
    project_id: event.projectId,
    body: event.body,
  }))
  await tx.execute(sql`
    insert into events (tenant_id, type, at, subject_id, project_id, body)
    select tenant_id, type, at, subject_id, project_id, body
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row(tenant_id text, type text, at timestamptz, subject_id text, project_id text, body jsonb)`)
  tx.afterCommit(eventsTopic(tx.subgraph))
}

export function eventsTopic(subgraph: string): string {
  return `${subgraph}.events`
}

/** The next settled events after `position`, of one tenant or of all. */
export async function readEvents(
  tx: Tx,
  { tenantId, after, limit }: { tenantId: string | null; after: Position; limit: number },
): Promise<EventPage> {
  const ofTenant = tenantId === null ? sql`` : sql`and tenant_id = ${tenantId}`
  // Of the same snapshot as the page: what is deleted meanwhile is in both or in neither.
  const [horizons, rows] = await Promise.all([
    tx.execute(sql`select 1 from event_horizons where ${isAfter(after)} ${ofTenant} limit 1`),
    tx.execute<EventRow>(sql`
      select xid::text, id::text, tenant_id, type, at, subject_id, project_id, body, ${IS_SETTLED}
        from events
       where ${isAfter(after)} ${ofTenant}
       order by events.xid, events.id -- qualified: the bare names are the text columns above
       limit ${limit}`),
  ])
  const { taken, isMoreComing } = settledPart(rows)
  const events = taken.map((row) => ({
    position: { xid: BigInt(row.xid), id: BigInt(row.id) },
    tenantId: row.tenant_id,
    type: row.type,
    at: instant(row.at),
    subjectId: row.subject_id,
    projectId: row.project_id,
    body: row.body,
  }))
  return { events, isFull: taken.length === limit, isMoreComing, isCut: horizons.length > 0 }
}

export interface EventPage {
  events: LoggedEvent[]
  /** There may be more to read at once. */
  isFull: boolean
  /** There are events that will settle in a moment. */
  isMoreComing: boolean
  /** Events after `after` are kept no more: these are not all there were. */
  isCut: boolean
}

interface EventRow extends Record<string, unknown> {
  xid: string
  id: string
  tenant_id: string
  type: string
  at: string
  subject_id: string
  project_id: string | null
  body: Json
  settled: boolean
}

/**
 * The last position that every settled event is at or before, as of this transaction's snapshot.
 * Events after it have a transaction id of at least the snapshot's xmin.
 */
export async function settledPosition(tx: Tx): Promise<Position> {
  const [row] = await tx.execute<{ xmin: string }>(sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`)
  return row ? { xid: BigInt(row.xmin), id: 0n } : ORIGIN
}

export async function logEpoch(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ epoch: string }>(sql`select epoch from log_epoch`)
  if (!row) throw new Error('log_epoch has no row: the migrations did not run')
  return row.epoch
}
