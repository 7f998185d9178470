import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'

/** Input that cannot be replayed. Names the file and, where one is to blame, line and column. */
export class TraceError extends Error {
  readonly code = 'TRACE_INVALID'
  readonly fix: string
  constructor(message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

/** One line of a CSV file, read column by column. Each reader throws a TraceError. */
export interface Row {
  text(column: string): string
  /** Empty where the line says nothing. */
  optional(column: string): string
  whole(column: string): number
  /** The error for a value that can be read but cannot be. */
  wrong(column: string, why: string): TraceError
}

/**
 * All lines of a CSV file with a header, which must have these columns and may have more.
 * @throws TraceError
 */
export async function readRows(path: string, columns: readonly string[]): Promise<Row[]> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new TraceError(`${path} cannot be read: ${error.message}.`, 'Give the path of a CSV file.')
  })
  const records = parseCsv(path, text)
  const [first] = records
  if (first === undefined) throw new TraceError(`${path} has no lines below its header.`, 'Give another file.')
  const missing = columns.filter((column) => !(column in first.record))
  if (missing.length > 0) {
    throw new TraceError(`${path}:1: there is no column ${missing.join(', ')}.`, `It takes ${columns.join(', ')}.`)
  }
  return records.map(({ record, info }) => rowOf(path, info.lines, record))
}

interface CsvRecord {
  record: Record<string, string>
  info: { lines: number }
}

function parseCsv(path: string, text: string): CsvRecord[] {
  try {
    // The parser counts a CRLF inside quotes as two lines.
    return parse(text.replaceAll('\r\n', '\n'), {
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
    }) as unknown as CsvRecord[]
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const line = 'lines' in error ? `:${String(error.lines)}` : ''
    throw new TraceError(`${path}${line}: ${error.message}.`, MEND)
  }
}

const MEND = 'Mend that line, or leave it out.'
/** Some tools write whole numbers as 427061.0. More digits than these are no time and no size. */
const WHOLE = /^\d{1,12}(\.0+)?$/

function rowOf(path: string, line: number, record: Record<string, string>): Row {
  const optional = (column: string) => (record[column] ?? '').trim()
  const wrong = (column: string, why: string) =>
    new TraceError(`${path}:${line}: ${column} "${optional(column)}" ${why}.`, MEND)
  return {
    optional,
    wrong,
    text(column) {
      const value = optional(column)
      if (value === '') throw wrong(column, 'is empty')
      return value
    },
    whole(column) {
      const value = optional(column)
      if (!WHOLE.test(value)) throw wrong(column, 'is no whole number')
      return Number(value)
    },
  }
}
