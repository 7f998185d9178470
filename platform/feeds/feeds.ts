import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../database/database.ts'
import {
  comparePosition,
  formatPosition,
  IS_SETTLED,
  isAfter,
  ORIGIN,
  type Position,
  parsePosition,
  settledPart,
} from '../events/positions.ts'
import type { Json } from '../json.ts'

/**
 * A feed holds the newest body of each (kind, key) at the position of its last change. Whoever
 * reads from the beginning gets all there is now; whoever goes on gets what changed since. It is
 * level-triggered: reading twice is harmless, and what was overwritten meanwhile is never seen.
 */
export interface FeedEntry {
  kind: string
  key: string
  tenantId: string | null
  /** null: gone, and said so. */
  body: Json | null
  position: string
}
export interface FeedPage {
  entries: FeedEntry[]
  /** To ask after next. */
  position: string
  /** There are entries that will settle in a moment. */
  isMoreComing: boolean
}

/** Before every entry. */
export const FEED_START = formatPosition(ORIGIN)

export async function publish(tx: Tx, entry: NewEntry & { feed: string }): Promise<void> {
  await publishAll(tx, entry.feed, [entry])
}

/** Several entries of one feed in one statement; keys must differ. */
export async function publishAll(tx: Tx, feed: string, entries: readonly NewEntry[]): Promise<void> {
  await insertAll(
    tx,
    feed,
    entries,
    sql`do update set tenant_id = excluded.tenant_id, body = excluded.body, xid = excluded.xid, id = excluded.id`,
  )
}

/** The same, of those alone that are not there: an entry that is stays as it is, at its position. */
export async function publishMissing(tx: Tx, feed: string, entries: readonly NewEntry[]): Promise<void> {
  await insertAll(tx, feed, entries, sql`do nothing`)
}

type NewEntry = Omit<FeedEntry, 'position'>

async function insertAll(tx: Tx, feed: string, entries: readonly NewEntry[], onConflict: SQL): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(({ kind, key, tenantId, body }) => ({ kind, key, tenant_id: tenantId, body }))
  // Rows are locked in the order they are given: sorted, so that two writers cannot deadlock.
  await tx.execute(sql`
    insert into feed_entries as entry (feed, kind, key, tenant_id, body, xid, id)
    select ${feed}, kind, key, tenant_id, nullif(body, 'null'::jsonb), pg_current_xact_id(), nextval('feed_sequence')
      from (select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
              as row(kind text, key text, tenant_id text, body jsonb) order by kind, key) as rows
    on conflict (feed, kind, key) ${onConflict}`)
  tx.afterCommit(feedTopic(tx.subgraph, feed))
}

/** Forgets an entry: readers that have it keep it, readers from the beginning never see it. */
export async function retract(tx: Tx, { feed, kind, key }: { feed: string; kind: string; key: string }): Promise<void> {
  await tx.execute(sql`delete from feed_entries where feed = ${feed} and kind = ${kind} and key = ${key}`)
}

export async function readFeed(tx: Tx, feed: string, after: string | undefined, limit: number): Promise<FeedPage> {
  const from = after === undefined ? ORIGIN : positionOf(after)
  const rows = await tx.execute<{
    kind: string
    key: string
    tenant_id: string | null
    body: Json | null
    xid: string
    id: string
    settled: boolean
  }>(sql`
    select kind, key, tenant_id, body, xid::text, id::text, ${IS_SETTLED}
      from feed_entries
     where feed = ${feed} and ${isAfter(from)}
     order by feed_entries.xid, feed_entries.id -- qualified: the bare names are the text columns above
     limit ${limit}`)
  const { taken, isMoreComing } = settledPart(rows)
  const entries = taken.map((row) => ({
    kind: row.kind,
    key: row.key,
    tenantId: row.tenant_id,
    body: row.body,
    position: formatPosition({ xid: BigInt(row.xid), id: BigInt(row.id) }),
  }))
  return { entries, position: entries.at(-1)?.position ?? formatPosition(from), isMoreComing }
}

/** Position of the newest committed entry, settled or not: a reader that has passed it knows all there was. */
export async function feedHead(tx: Tx, feed: string): Promise<string> {
  const [row] = await tx.execute<{ xid: string; id: string }>(sql`
    select xid::text, id::text from feed_entries where feed = ${feed} order by feed_entries.xid desc, feed_entries.id desc limit 1`)
  return formatPosition(row ? { xid: BigInt(row.xid), id: BigInt(row.id) } : ORIGIN)
}

export function comparePositions(a: string, b: string): number {
  return comparePosition(positionOf(a), positionOf(b))
}

export function feedTopic(subgraph: string, feed: string): string {
  return `${subgraph}.${feed}`
}

function positionOf(text: string): Position {
  const position = parsePosition(text)
  if (!position) throw new RangeError(`not a position of a feed: ${text}`)
  return position
}
