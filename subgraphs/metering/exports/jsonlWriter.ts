import type { FileHandle } from 'node:fs/promises'
import { INTERVAL_COLUMNS } from '../domain/intervalColumns.ts'
import type { RowWriter } from './rowWriter.ts'

const columns = INTERVAL_COLUMNS.map(({ name }) => name)

export function jsonlWriter(file: FileHandle): RowWriter {
  return {
    async write(rows) {
      // jsonb keeps no order of keys; the list of columns does.
      const lines = rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]]))))
      await file.appendFile(`${lines.join('\n')}\n`)
    },
    end: async () => {},
  }
}
