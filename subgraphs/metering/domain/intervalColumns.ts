/** Grows by columns at the end; a change of meaning is a new version. */
export const INTERVAL_SCHEMA = 'sluice.intervals/1'

export type CellType =
  /** Text; also exact decimals, which no binary number holds. */
  | 'text'
  /** RFC 3339 in whole seconds of UTC. */
  | 'time'
  | 'integer'
  | 'boolean'

/** The columns of an INTERVALS export, in their order. */
export const INTERVAL_COLUMNS = [
  { name: 'tenant', type: 'text' },
  { name: 'project', type: 'text' },
  { name: 'job', type: 'text' },
  { name: 'pod', type: 'text' },
  { name: 'device', type: 'text' },
  { name: 'model', type: 'text' },
  { name: 'share', type: 'text' },
  { name: 'start', type: 'time' },
  { name: 'end', type: 'time' },
  { name: 'gpu_seconds', type: 'text' },
  { name: 'unit_price', type: 'text' },
  { name: 'cost', type: 'text' },
  { name: 'currency', type: 'text' },
  { name: 'tenant_id', type: 'text' },
  { name: 'project_id', type: 'text' },
  { name: 'job_name', type: 'text' },
  { name: 'pod_uid', type: 'text' },
  { name: 'cluster', type: 'text' },
  { name: 'node', type: 'text' },
  { name: 'device_index', type: 'integer' },
  { name: 'device_identity', type: 'text' },
  { name: 'started', type: 'time' },
  { name: 'cpu_seconds', type: 'text' },
  { name: 'memory_mib_seconds', type: 'text' },
  { name: 'price_version', type: 'integer' },
  { name: 'ending', type: 'text' },
  { name: 'clamped', type: 'boolean' },
] as const satisfies readonly { name: string; type: CellType }[]

export type IntervalColumn = (typeof INTERVAL_COLUMNS)[number]['name']
/** A row of the file; null is an empty cell. */
export type IntervalCells = Record<IntervalColumn, string | number | boolean | null>
