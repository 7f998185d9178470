import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'

/** A row of the trace that cannot be: the file and line are named, nothing is replayed. */
export class TraceError extends Error {
  readonly code = 'TRACE_INVALID'
  readonly fix = 'Mend or remove that line; formats are in the guide on replays.'
}

/** A node of the trace (columns sn, cpu_milli, memory_mib, gpu, model). */
export interface TraceNode {
  name: string
  cpuMilli: number
  memoryMiB: number
  gpus: number
  /** null where it has no GPU. */
  model: string | null
}

export type TraceClass = 'INFERENCE' | 'BATCH' | 'INTERACTIVE' | 'TRAINING'

/** A pod of the trace; times in whole seconds from its start. */
export interface TracePod {
  /** From 0, in the order of the file. */
  row: number
  name: string
  cpuMilli: number
  memoryMiB: number
  gpus: number
  /** Thousandths of each device, 1000 unless it shares one. */
  gpuMilli: number
  models: string[]
  class: TraceClass
  createdSeconds: number
  runSeconds: number
}

/** What the trace calls quality of service, as a class of ours. */
const CLASS_OF_QOS: Record<string, TraceClass> = {
  LS: 'INFERENCE',
  BE: 'BATCH',
  Burstable: 'INTERACTIVE',
  Guaranteed: 'TRAINING',
}

/** @throws TraceError */
export async function readNodes(path: string): Promise<TraceNode[]> {
  const rows = await readRows(path, ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'])
  return rows.map((row) => {
    const gpus = row.whole('gpu')
    return {
      name: row.text('sn'),
      cpuMilli: row.whole('cpu_milli'),
      memoryMiB: row.whole('memory_mib'),
      gpus,
      model: gpus > 0 ? row.text('model') : null,
    }
  })
}

/** @throws TraceError */
export async function readPods(path: string): Promise<TracePod[]> {
  const rows = await readRows(path, [
    'name',
    'cpu_milli',
    'memory_mib',
    'num_gpu',
    'gpu_milli',
    'gpu_spec',
    'qos',
    'creation_time',
    'deletion_time',
    'scheduled_time',
  ])
  return rows.map((row, index) => {
    const created = row.whole('creation_time')
    // Pods that were still pending have no scheduled_time: they count as started when created.
    const started = row.optional('scheduled_time') === '' ? created : row.whole('scheduled_time')
    const runSeconds = row.whole('deletion_time') - started
    if (runSeconds < 0) throw row.wrong('deletion_time', 'is before the start')
    const gpus = row.whole('num_gpu')
    const gpuMilli = row.whole('gpu_milli')
    if (gpus > 0 && (gpuMilli < 1 || gpuMilli > 1000)) throw row.wrong('gpu_milli', 'is not between 1 and 1000')
    if (gpus > 1 && gpuMilli !== 1000) throw row.wrong('gpu_milli', 'shares more than one device')
    const traceClass = CLASS_OF_QOS[row.text('qos')]
    if (traceClass === undefined) throw row.wrong('qos', `is none of ${Object.keys(CLASS_OF_QOS).join(', ')}`)
    return {
      row: index,
      name: row.text('name'),
      cpuMilli: row.whole('cpu_milli'),
      memoryMiB: row.whole('memory_mib'),
      gpus,
      gpuMilli,
      models: row.optional('gpu_spec').split('|').filter(Boolean),
      class: traceClass,
      createdSeconds: created,
      runSeconds,
    }
  })
}

interface Row {
  text(column: string): string
  optional(column: string): string
  whole(column: string): number
  wrong(column: string, why: string): TraceError
}

async function readRows(path: string, columns: string[]): Promise<Row[]> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new TraceError(`${path} cannot be read: ${error.message}.`)
  })
  let records: { record: Record<string, string>; info: { lines: number } }[]
  try {
    records = parse(text, { columns: true, info: true, skip_empty_lines: true }) as unknown as typeof records
  } catch (error) {
    const line = error instanceof Error && 'lines' in error ? `:${String(error.lines)}` : ''
    throw new TraceError(`${path}${line}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const missing = columns.filter((column) => records[0] && !(column in records[0].record))
  if (missing.length > 0) throw new TraceError(`${path}:1: the columns ${missing.join(', ')} are missing.`)
  return records.map(({ record, info }) => rowOf(path, info.lines, record))
}

function rowOf(path: string, line: number, record: Record<string, string>): Row {
  const optional = (column: string) => (record[column] ?? '').trim()
  const wrong = (column: string, why: string) =>
    new TraceError(`${path}:${line}: ${column} "${optional(column)}" ${why}.`)
  return {
    optional,
    wrong,
    text(column) {
      const value = optional(column)
      if (value === '') throw wrong(column, 'is empty')
      return value
    },
    whole(column) {
      // The trace writes some whole numbers as 427061.0.
      const value = optional(column)
      if (!/^\d{1,12}(\.0+)?$/.test(value)) throw wrong(column, 'is no whole number')
      return Number(value)
    },
  }
}
