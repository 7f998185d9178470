import { sql } from 'drizzle-orm'
import { instant, type Tx } from '../../../platform/database/database.ts'
import { textArray } from '../../../platform/database/textArray.ts'
import type { ExportRecord } from '../domain/export.ts'

export interface ExportRow extends Record<string, unknown> {
  id: string
  tenant_id: string
  requested_by: string
  requested_at: string
  range_from: string
  range_to: string
  shape: ExportRecord['shape']
  format: ExportRecord['format']
  state: ExportRecord['state']
  ledger_position: string
  progress: number
  rows: number | null
  bytes: string | null
  sha256: string | null
  failure: string | null
  attempts: number
}

export const EXPORT_COLUMNS = sql.raw(
  `id, tenant_id, requested_by, requested_at, range_from, range_to, shape, format, state,
   ledger_position::text, progress, rows, bytes, sha256, failure, attempts`,
)

export function exportOf(row: ExportRow): ExportRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    requestedBy: row.requested_by,
    requestedAt: instant(row.requested_at).toISOString(),
    from: instant(row.range_from).toISOString(),
    to: instant(row.range_to).toISOString(),
    shape: row.shape,
    format: row.format,
    state: row.state,
    ledgerPosition: row.ledger_position,
    progress: row.progress,
    rows: row.rows,
    bytes: row.bytes === null ? null : Number(row.bytes),
    sha256: row.sha256,
    failure: row.failure,
    attempts: row.attempts,
  }
}

/** Those of the exports that the actor sees, in no order. */
export async function findExports(tx: Tx, ids: readonly string[]): Promise<ExportRecord[]> {
  const rows = await tx.execute<ExportRow>(sql`select ${EXPORT_COLUMNS} from exports where id = any(${textArray(ids)})`)
  return rows.map(exportOf)
}
