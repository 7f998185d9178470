import type { FileHandle } from 'node:fs/promises'
import { stringify } from 'csv-stringify/sync'
import { INTERVAL_COLUMNS } from '../domain/intervalColumns.ts'
import type { RowWriter } from './rowWriter.ts'

const columns = INTERVAL_COLUMNS.map(({ name }) => name)

export function csvWriter(file: FileHandle): RowWriter {
  let isBegun = false
  const begin = async () => {
    if (!isBegun) await file.appendFile(stringify([columns]))
    isBegun = true
  }
  return {
    async write(rows) {
      await begin()
      // Names come from tenants: a spreadsheet must not run one as a formula.
      const options = { columns, escape_formulas: true, cast: { boolean: String } }
      await file.appendFile(stringify([...rows], options))
    },
    end: begin,
  }
}
