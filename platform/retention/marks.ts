import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../database/database.ts'

/**
 * How far the log and domain time had come at an instant of wall time. Rows carry domain time or none at all,
 * while what is promised to clients (how long a cursor or a key is good for) is wall time; a replay of a year
 * in an hour forgets nothing.
 */
export interface RetentionMark {
  wallAt: Date
  domainAt: Date
  /** Every transaction below it had ended. */
  xid: string
}

/** Notes how far it has come, unless that was done less than `everyMs` ago. */
export async function leaveMark(
  tx: Tx,
  { wallNow, domainNow, everyMs }: { wallNow: Date; domainNow: Date; everyMs: number },
): Promise<void> {
  const since = new Date(wallNow.getTime() - everyMs)
  await tx.execute(sql`
    insert into retention_marks (wall_at, domain_at, xid)
    select ${wallNow.toISOString()}, ${domainNow.toISOString()}, pg_snapshot_xmin(pg_current_snapshot())
     where not exists (select from retention_marks where wall_at > ${since.toISOString()})
    on conflict do nothing`)
}

/** The newest mark that is at least as old as `until`; what lies before it is older still. */
export async function markBefore(tx: Tx, until: Date): Promise<RetentionMark | null> {
  const [row] = await tx.execute<{ wall_at: string; domain_at: string; xid: string }>(sql`
    select wall_at, domain_at, xid::text from retention_marks
     where wall_at <= ${until.toISOString()} order by wall_at desc limit 1`)
  return row ? { wallAt: instant(row.wall_at), domainAt: instant(row.domain_at), xid: row.xid } : null
}

/** Forgets the marks before the one that is used for the longest time to keep anything. */
export async function removeMarks(tx: Tx, longestUntil: Date): Promise<void> {
  await tx.execute(sql`
    delete from retention_marks where wall_at < (
      select max(wall_at) from retention_marks where wall_at <= ${longestUntil.toISOString()})`)
}
