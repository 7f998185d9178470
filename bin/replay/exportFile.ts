import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { Decimal } from 'decimal.js'

/** An export of intervals, added up from the file itself. */
export interface ExportFile {
  rows: number
  /** Decimal. */
  gpuSeconds: string
  /** Decimal. */
  cost: string
  currency: string
  /** What held a GPU, or a share of one. */
  intervals: Interval[]
  /** What about the file contradicts what the API said of it, or itself; empty: nothing. */
  faults: string[]
}
export interface Interval {
  device: string
  startMs: number
  endMs: number
  /** Decimal of one device. */
  share: string
}
/** What the API said of the file. */
export interface Manifest {
  rows: number | null
  sha256: string | null
}

/** The columns that are read here; empty where a row has nothing to say. */
type CsvRow = Record<'device' | 'start' | 'end' | 'share' | 'gpu_seconds' | 'unit_price' | 'cost' | 'currency', string>

export function readExport(file: Uint8Array, manifest: Manifest): ExportFile {
  const rows = parse(Buffer.from(file), { columns: true }) as unknown as CsvRow[]
  return {
    rows: rows.length,
    gpuSeconds: sum(rows, 'gpu_seconds'),
    cost: sum(rows, 'cost'),
    currency: rows[0]?.currency ?? '',
    intervals: rows.filter((row) => row.device).map(intervalOf),
    faults: faultsOf(file, rows, manifest),
  }
}

function sum(rows: readonly CsvRow[], column: keyof CsvRow): string {
  return rows.reduce((total, row) => total.plus(row[column] || 0), new Decimal(0)).toFixed()
}

function intervalOf({ device, start, end, share }: CsvRow): Interval {
  return { device, startMs: Date.parse(start), endMs: Date.parse(end), share }
}

function faultsOf(file: Uint8Array, rows: readonly CsvRow[], manifest: Manifest): string[] {
  const sha256 = createHash('sha256').update(file).digest('hex')
  const mispriced = rows.filter(
    (row) => !new Decimal(row.gpu_seconds || 0).times(row.unit_price || 0).equals(row.cost || 0),
  )
  return [
    ...(rows.length === manifest.rows ? [] : [`the file has ${rows.length} rows, the API said ${manifest.rows}`]),
    ...(sha256 === manifest.sha256 ? [] : [`the file's sha-256 is ${sha256}, the API said ${manifest.sha256}`]),
    ...(mispriced.length === 0 ? [] : [`${mispriced.length} rows cost something else than gpu_seconds × unit_price`]),
  ]
}
