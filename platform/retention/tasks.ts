import { sql } from 'drizzle-orm'
import type { Tx } from '../database/database.ts'
import type { RetentionMark } from './marks.ts'

/** One kind of rows that are kept for some time. */
export interface RetentionTask {
  what: 'events' | 'idempotency' | 'quarantine' | 'feeds' | 'exports' | 'samples'
  /** Wall time. */
  keepMs: number
  /** Deletes at most `limit` rows from before the mark. @returns how many */
  remove(tx: Tx, mark: RetentionMark, limit: number): Promise<number>
}

/** How long things are kept, in wall time. */
export interface KeptFor {
  /** How long a client may be away and still resume after its cursor. */
  eventsMs: number
  /** How long a mutation that is sent again under its key is answered as it was first. */
  idempotencyMs: number
  /** How long a person has to look at an observation that could not be applied. */
  quarantineMs: number
}

const DAY_MS = 86_400_000
export const KEPT_FOR: KeptFor = { eventsMs: 7 * DAY_MS, idempotencyMs: 7 * DAY_MS, quarantineMs: 30 * DAY_MS }

/** For the tables that every subgraph has. */
export function commonTasks({ eventsMs, idempotencyMs, quarantineMs }: KeptFor): RetentionTask[] {
  return [
    { what: 'events', keepMs: eventsMs, remove: removeEvents },
    { what: 'idempotency', keepMs: idempotencyMs, remove: removeKeys },
    { what: 'quarantine', keepMs: quarantineMs, remove: removeQuarantined },
  ]
}

/** Each stream's horizon moves with what is deleted: whoever would resume before it is refused. */
async function removeEvents(tx: Tx, { xid }: RetentionMark, limit: number): Promise<number> {
  return counted(
    tx.execute<{ count: string }>(sql`
      with old as (select id from events where xid < ${xid}::xid8 order by xid, id limit ${limit}),
           gone as (delete from events using old where events.id = old.id
                    returning events.tenant_id, events.xid, events.id),
           horizon as (insert into event_horizons (tenant_id, xid, id)
                       select distinct on (tenant_id) tenant_id, xid, id from gone order by tenant_id, xid desc, id desc
                       on conflict (tenant_id) do update set xid = excluded.xid, id = excluded.id)
      select count(*) from gone`),
  )
}

async function removeKeys(tx: Tx, { domainAt }: RetentionMark, limit: number): Promise<number> {
  return counted(
    tx.execute<{ count: string }>(sql`
      with gone as (delete from idempotency where (tenant_id, principal, mutation, key) in (
                      select tenant_id, principal, mutation, key from idempotency
                       where at < ${domainAt.toISOString()} order by at limit ${limit}) returning 1)
      select count(*) from gone`),
  )
}

async function removeQuarantined(tx: Tx, { domainAt }: RetentionMark, limit: number): Promise<number> {
  return counted(
    tx.execute<{ count: string }>(sql`
      with gone as (delete from quarantine where id in (
                      select id from quarantine where at < ${domainAt.toISOString()} order by id limit ${limit}) returning 1)
      select count(*) from gone`),
  )
}

async function counted(rows: Promise<{ count: string }[]>): Promise<number> {
  return Number((await rows)[0]?.count)
}

/**
 * Withdrawn directives of one kind: nulls that agents have had time to act upon. Only for a kind whose owner
 * publishes the null again where it sees the object all the same; otherwise an agent that was away for longer
 * would keep it for ever.
 */
export function withdrawnDirectives(kind: string, keepMs: number): RetentionTask {
  return {
    what: 'feeds',
    keepMs,
    remove: (tx, { xid }, limit) =>
      counted(
        tx.execute<{ count: string }>(sql`
          with gone as (delete from feed_entries where (feed, kind, key) in (
                          select feed, kind, key from feed_entries
                           where body is null and xid < ${xid}::xid8 and kind = ${kind} and starts_with(feed, 'cluster:')
                           order by xid limit ${limit}) returning 1)
          select count(*) from gone`),
      ),
  }
}
