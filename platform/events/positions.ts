import { type SQL, sql } from 'drizzle-orm'

/** A place in a log: (transaction id, row id), compared in that order. */
export interface Position {
  xid: bigint
  id: bigint
}

export const ORIGIN: Position = { xid: 0n, id: 0n }

/** As Postgres has them: xid8 without a sign, bigint with one. */
const MAX_XID = 2n ** 64n - 1n
const MAX_ID = 2n ** 63n - 1n
const TEXT = /^(\d{1,20})\.(\d{1,20})$/

export function formatPosition(position: Position): string {
  return `${position.xid}.${position.id}`
}

/** @returns null where `text` is no position */
export function parsePosition(text: string): Position | null {
  const match = TEXT.exec(text)
  if (!match?.[1] || !match[2]) return null
  const position = { xid: BigInt(match[1]), id: BigInt(match[2]) }
  return position.xid <= MAX_XID && position.id <= MAX_ID ? position : null
}

export function comparePosition(a: Position, b: Position): number {
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1
}

/** Rows after `position`; those that are not settled yet are told apart by IS_SETTLED. */
export function isAfter(position: Position): SQL {
  return sql`(xid, id) > (${position.xid.toString()}::xid8, ${position.id.toString()}::bigint)`
}

/**
 * A row is settled once no running transaction can still put another before it. One with a smaller
 * xid may commit later only while it is running, and then the snapshot's xmin is not above it.
 */
export const IS_SETTLED = sql`xid < pg_snapshot_xmin(pg_current_snapshot()) as settled`

/** What a reader may take of rows in order, and whether more is there that will settle in a moment. */
export function settledPart<Row extends { settled: boolean }>(
  rows: readonly Row[],
): { taken: Row[]; isMoreComing: boolean } {
  const end = rows.findIndex(({ settled }) => !settled)
  return end < 0 ? { taken: [...rows], isMoreComing: false } : { taken: rows.slice(0, end), isMoreComing: true }
}

/** How soon to look again for rows that will settle in a moment: no wake-up tells when they do. */
export const SETTLING_MS = 5
