import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { ExportRecord } from '../domain/export.ts'
import type { Manifest } from '../domain/manifest.ts'
import { EXPORT_COLUMNS, type ExportRow, exportOf } from './exportRecords.ts'

/** No transaction below an export's position is running: what belongs into its file cannot change any more. */
const IS_SETTLED = sql`ledger_position <= pg_snapshot_xmin(pg_current_snapshot())`
const isFree = (wallNow: Date) =>
  sql`state in ('PENDING', 'RUNNING') and (leased_until is null or leased_until <= ${wallNow.toISOString()})`

/** Whether there is something to do now; `soon`: as soon as transactions that are running have ended. */
export async function nextExport(tx: Tx, wallNow: Date): Promise<'now' | 'soon' | null> {
  const [row] = await tx.execute<{ settled: boolean | null }>(
    sql`select bool_or(${IS_SETTLED}) as settled from exports where ${isFree(wallNow)}`,
  )
  if (row?.settled === null || row === undefined) return null
  return row.settled ? 'now' : 'soon'
}

/** Takes the oldest export that nobody has, for as long as the lease; also one whose worker let its lease run out. */
export async function claimExport(tx: Tx, wallNow: Date, leaseMs: number): Promise<ExportRecord | null> {
  const leasedUntil = new Date(wallNow.getTime() + leaseMs).toISOString()
  const [row] = await tx.execute<ExportRow>(sql`
    update exports set state = 'RUNNING', progress = 0, attempts = attempts + 1, leased_until = ${leasedUntil}
     where id = (select id from exports where ${isFree(wallNow)} and ${IS_SETTLED}
                  order by requested_at, id limit 1 for update skip locked)
    returning ${EXPORT_COLUMNS}`)
  return row ? exportOf(row) : null
}

type Claim = Pick<ExportRecord, 'id' | 'attempts'>

const isStillOurs = ({ id, attempts }: Claim) => sql`id = ${id} and attempts = ${attempts} and state = 'RUNNING'`

/** @returns false where another worker has taken it meanwhile */
export async function renewExport(tx: Tx, claim: Claim, progress: number, leasedUntil: Date): Promise<boolean> {
  const rows = await tx.execute(sql`
    update exports set progress = ${progress}, leased_until = ${leasedUntil.toISOString()}
     where ${isStillOurs(claim)} returning 1`)
  return rows.length > 0
}

export async function finishExport(
  tx: Tx,
  claim: Claim,
  { rows, bytes, sha256 }: Pick<Manifest, 'rows' | 'bytes' | 'sha256'>,
): Promise<void> {
  await tx.execute(sql`
    update exports set state = 'READY', progress = 1, rows = ${rows}, bytes = ${bytes}, sha256 = ${sha256}, leased_until = null
     where ${isStillOurs(claim)}`)
}

/** Gives it up for good, with words for whoever asked. */
export async function failExport(tx: Tx, claim: Claim, failure: string): Promise<void> {
  await tx.execute(sql`
    update exports set state = 'FAILED', failure = ${failure}, leased_until = null where ${isStillOurs(claim)}`)
}

/** Puts it back for a later attempt. */
export async function postponeExport(tx: Tx, claim: Claim, until: Date): Promise<void> {
  await tx.execute(sql`update exports set leased_until = ${until.toISOString()} where ${isStillOurs(claim)}`)
}
