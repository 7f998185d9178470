import type { FileHandle } from 'node:fs/promises'
import type { IntervalCells } from '../domain/intervalColumns.ts'
import type { ExportFormat } from '../generated/resolvers.ts'
import { csvWriter } from './csvWriter.ts'
import { jsonlWriter } from './jsonlWriter.ts'
import { parquetWriter } from './parquetWriter.ts'

/** Writes rows in one format. The same rows give the same bytes, however they come in pages of one size. */
export interface RowWriter {
  write(rows: readonly IntervalCells[]): Promise<void>
  /** Writes what stands at the end; the file itself is the caller's to close. */
  end(): Promise<void>
}

export function rowWriter(format: ExportFormat, file: FileHandle): RowWriter {
  switch (format) {
    case 'CSV':
      return csvWriter(file)
    case 'JSONL':
      return jsonlWriter(file)
    case 'PARQUET':
      return parquetWriter(file)
  }
}
