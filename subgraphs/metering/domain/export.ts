import type { ExportFormat, ExportShape, ExportState } from '../generated/resolvers.ts'

/** A file of the tenant's intervals, asked for and perhaps written. Times are RFC 3339. */
export interface ExportRecord {
  id: string
  tenantId: string
  requestedBy: string
  requestedAt: string
  from: string
  /** Exclusive. */
  to: string
  shape: ExportShape
  format: ExportFormat
  state: ExportState
  /** Everything of transactions below it is in the file, and nothing else. */
  ledgerPosition: string
  /** 0 to 1. */
  progress: number
  rows: number | null
  bytes: number | null
  sha256: string | null
  failure: string | null
  attempts: number
}

/** Wakes the worker that writes exports. */
export const EXPORTS_TOPIC = 'metering.exports'

export const FILE_TYPES: Record<ExportFormat, { extension: string; contentType: string }> = {
  CSV: { extension: 'csv', contentType: 'text/csv; charset=utf-8' },
  JSONL: { extension: 'jsonl', contentType: 'application/jsonl; charset=utf-8' },
  PARQUET: { extension: 'parquet', contentType: 'application/vnd.apache.parquet' },
}

/** Names in the exports folder; an id has no character that a path could be made of. */
export function fileNames({ id, format }: Pick<ExportRecord, 'id' | 'format'>): { data: string; manifest: string } {
  return { data: `${id}.${FILE_TYPES[format].extension}`, manifest: `${id}.manifest.json` }
}
