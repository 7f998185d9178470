import { sql } from 'drizzle-orm'
import type { Tx } from '../../../platform/database/database.ts'
import type { ExportRecord } from '../domain/export.ts'
import { EXPORT_COLUMNS, type ExportRow, exportOf } from './exportRecords.ts'

export type NewExport = Pick<
  ExportRecord,
  'id' | 'tenantId' | 'requestedBy' | 'requestedAt' | 'from' | 'to' | 'shape' | 'format'
>

/**
 * Stores a request. Its ledger position lies above every transaction that has committed by now, so
 * that all the caller can have seen is in the file; the worker waits until none below it is running.
 */
export async function insertExport(tx: Tx, asked: NewExport): Promise<ExportRecord> {
  const [row] = await tx.execute<ExportRow>(sql`
    insert into exports (id, tenant_id, requested_by, requested_at, range_from, range_to, shape, format, state,
                         ledger_position, progress, attempts)
    values (${asked.id}, ${asked.tenantId}, ${asked.requestedBy}, ${asked.requestedAt}, ${asked.from}, ${asked.to},
            ${asked.shape}, ${asked.format}, 'PENDING', pg_snapshot_xmax(pg_current_snapshot()), 0, 0)
    returning ${EXPORT_COLUMNS}`)
  if (!row) throw new Error('an insert returned no row')
  return exportOf(row)
}

/** How many of a tenant's exports are still to be written. */
export async function countUnfinishedExports(tx: Tx, tenantId: string): Promise<number> {
  const [row] = await tx.execute<{ count: string }>(
    sql`select count(*) from exports where tenant_id = ${tenantId} and state in ('PENDING', 'RUNNING')`,
  )
  return Number(row?.count)
}
