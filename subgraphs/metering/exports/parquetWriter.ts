import type { FileHandle } from 'node:fs/promises'
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import { type CellType, INTERVAL_COLUMNS, INTERVAL_SCHEMA, type IntervalCells } from '../domain/intervalColumns.ts'
import type { RowWriter } from './rowWriter.ts'

const ELEMENTS: Record<CellType, Omit<SchemaElement, 'name'>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  integer: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
}

const schema: SchemaElement[] = [
  { name: 'root', num_children: INTERVAL_COLUMNS.length },
  ...INTERVAL_COLUMNS.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...ELEMENTS[type] })),
]

/** One row group per call of `write`. */
export function parquetWriter(file: FileHandle): RowWriter {
  const buffer = new ByteWriter()
  const parquet = new ParquetWriter({
    writer: buffer,
    schema,
    createdBy: 'sluice',
    kvMetadata: [{ key: 'schema', value: INTERVAL_SCHEMA }],
  })
  /** `offset` goes on counting: positions in the file are told at its end. */
  const flush = async () => {
    await file.appendFile(buffer.getBytes())
    buffer.index = 0
  }
  return {
    async write(rows) {
      const columnData = INTERVAL_COLUMNS.map(({ name, type }) => ({
        name,
        data: rows.map((row) => parquetValue(type, row[name])),
      }))
      await parquet.write({ columnData, rowGroupSize: Math.max(1, rows.length) })
      await flush()
    },
    async end() {
      await parquet.finish()
      await flush()
    },
  }
}

function parquetValue(type: CellType, cell: IntervalCells[keyof IntervalCells]): unknown {
  return type === 'time' && cell !== null ? new Date(String(cell)) : cell
}
