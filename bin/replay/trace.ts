import { type Row, readRows } from './rows.ts'

/** A node of the trace. */
export interface TraceNode {
  name: string
  cpuMilli: number
  memoryMiB: number
  gpus: number
  /** null where it has no GPU. */
  model: string | null
}

export type TraceClass = 'INFERENCE' | 'BATCH' | 'INTERACTIVE' | 'TRAINING'

/** What a pod of the trace asks. */
export interface TraceDemand {
  name: string
  cpuMilli: number
  memoryMiB: number
  gpus: number
  /** Thousandths of each of its GPUs; 1000 unless it has a share of one. */
  gpuMilli: number
  /** Models it accepts; none: any. */
  models: string[]
}

/** A pod of the trace; times in whole seconds from its start. */
export interface TracePod extends TraceDemand {
  /** From 0, in the order of the file. */
  row: number
  class: TraceClass
  createdSeconds: number
  runSeconds: number
}

const NODE_COLUMNS = ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model']
const DEMAND_COLUMNS = ['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli']
const POD_COLUMNS = [...DEMAND_COLUMNS, 'gpu_spec', 'qos', 'creation_time', 'deletion_time', 'scheduled_time']

/** What Kubernetes takes as a node's name, and as a label's value. */
const NODE_NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/
const LABEL_VALUE = /^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/

/** What the trace calls quality of service, as a class of ours. */
const CLASS_OF_QOS: Record<string, TraceClass> = {
  LS: 'INFERENCE',
  BE: 'BATCH',
  Burstable: 'INTERACTIVE',
  Guaranteed: 'TRAINING',
}

/** @throws TraceError */
export async function readNodes(path: string): Promise<TraceNode[]> {
  const rows = await readRows(path, NODE_COLUMNS)
  refuseRepeated(rows, 'sn')
  return rows.map((row) => {
    const gpus = row.whole('gpu')
    return {
      name: matching(row, 'sn', NODE_NAME),
      cpuMilli: row.whole('cpu_milli'),
      memoryMiB: row.whole('memory_mib'),
      gpus,
      model: gpus > 0 ? matching(row, 'model', LABEL_VALUE) : null,
    }
  })
}

/** @throws TraceError */
export async function readPods(path: string): Promise<TracePod[]> {
  const rows = await readRows(path, POD_COLUMNS)
  refuseRepeated(rows, 'name')
  return rows.map((row, index) => ({
    row: index,
    ...demandOf(row),
    class: classOf(row),
    createdSeconds: row.whole('creation_time'),
    runSeconds: runSecondsOf(row),
  }))
}

/**
 * What the pods ask and no more: some variants of the trace have neither times nor models.
 * @throws TraceError
 */
export async function readDemands(path: string): Promise<TraceDemand[]> {
  const rows = await readRows(path, DEMAND_COLUMNS)
  refuseRepeated(rows, 'name')
  return rows.map(demandOf)
}

function demandOf(row: Row): TraceDemand {
  return {
    name: row.text('name'),
    cpuMilli: row.whole('cpu_milli'),
    memoryMiB: row.whole('memory_mib'),
    ...gpusOf(row),
    models: row.optional('gpu_spec').split('|').filter(Boolean),
  }
}

function matching(row: Row, column: string, pattern: RegExp): string {
  const value = row.text(column)
  if (!pattern.test(value)) throw row.wrong(column, 'is no name in Kubernetes')
  return value
}

function gpusOf(row: Row): { gpus: number; gpuMilli: number } {
  const gpus = row.whole('num_gpu')
  const gpuMilli = row.whole('gpu_milli')
  if (gpus > 0 && (gpuMilli < 1 || gpuMilli > 1000)) throw row.wrong('gpu_milli', 'is not between 1 and 1000')
  if (gpus > 1 && gpuMilli !== 1000) throw row.wrong('gpu_milli', 'is a share of more than one GPU')
  return { gpus, gpuMilli }
}

function classOf(row: Row): TraceClass {
  const known = CLASS_OF_QOS[row.text('qos')]
  if (known === undefined) throw row.wrong('qos', `is none of ${Object.keys(CLASS_OF_QOS).join(', ')}`)
  return known
}

/** A pod that was still pending has no scheduled_time: it counts as started when it was created. */
function runSecondsOf(row: Row): number {
  const started = row.optional('scheduled_time') === '' ? row.whole('creation_time') : row.whole('scheduled_time')
  const runSeconds = row.whole('deletion_time') - started
  if (runSeconds < 0) throw row.wrong('deletion_time', 'is before the start')
  return runSeconds
}

/** Names are keys: a second pod of one name would be taken for the first one, submitted again. */
function refuseRepeated(rows: readonly Row[], column: string): void {
  const seen = new Set<string>()
  for (const row of rows) {
    const name = row.text(column)
    if (seen.has(name)) throw row.wrong(column, 'is on an earlier line already')
    seen.add(name)
  }
}
