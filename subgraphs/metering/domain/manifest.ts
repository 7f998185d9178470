import { strict as assert } from 'node:assert'
import { toSecondsTimestamp } from '../../../platform/clock.ts'
import type { ExportFormat } from '../generated/resolvers.ts'
import type { ExportRecord } from './export.ts'
import { INTERVAL_COLUMNS, INTERVAL_SCHEMA } from './intervalColumns.ts'

/** What a reader needs in order to trust a file; stands beside it as JSON. */
export interface Manifest {
  schema: string
  columns: string[]
  format: ExportFormat
  from: string
  to: string
  rows: number
  bytes: number
  sha256: string
  ledgerPosition: string
}

/** @param written what the finished file came to */
export function manifestOf(
  { format, from, to, ledgerPosition }: ExportRecord,
  written: Pick<Manifest, 'rows' | 'bytes' | 'sha256'>,
): Manifest {
  return {
    schema: INTERVAL_SCHEMA,
    columns: INTERVAL_COLUMNS.map(({ name }) => name),
    format,
    from: toSecondsTimestamp(Date.parse(from)),
    to: toSecondsTimestamp(Date.parse(to)),
    rows: written.rows,
    bytes: written.bytes,
    sha256: written.sha256,
    ledgerPosition,
  }
}

/** null until the file is READY. */
export function manifestOfReady(found: ExportRecord): Manifest | null {
  if (found.state !== 'READY') return null
  const { rows, bytes, sha256 } = found
  assert(rows !== null && bytes !== null && sha256 !== null)
  return manifestOf(found, { rows, bytes, sha256 })
}
