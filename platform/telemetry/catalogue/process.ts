import { type Metrics, REQUEST_SECONDS, type Role, SUBGRAPH_LABEL } from '../metric.ts'

const EVERY_ROLE: readonly Role[] = ['gateway', 'subgraph', 'agent']

/** The process itself, and its database. */
export const processMetrics = {
  sluice_build_info: {
    kind: 'gauge',
    unit: '1',
    labels: { version: { oneForEach: 'running version' }, node_version: { oneForEach: 'running version' } },
    meaning: 'Always 1; its labels say what runs.',
    roles: EVERY_ROLE,
  },
  process_start_time_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: {},
    meaning: 'Unix time when the process started.',
    roles: EVERY_ROLE,
  },
  process_cpu_seconds_total: {
    kind: 'counter',
    unit: 'seconds',
    labels: {},
    meaning: 'User and system CPU time of the whole process.',
    roles: EVERY_ROLE,
  },
  process_resident_memory_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'Resident memory of the whole process.',
    roles: EVERY_ROLE,
  },
  nodejs_heap_used_bytes: {
    kind: 'gauge',
    unit: 'bytes',
    labels: {},
    meaning: 'JavaScript heap in use, of the thread that answers.',
    roles: EVERY_ROLE,
  },
  nodejs_eventloop_delay_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: { quantile: ['0.5', '0.99', '1'] },
    meaning: 'How late timers ran since the metrics were last read; quantile 1 is the latest.',
    roles: EVERY_ROLE,
  },
  sluice_database_transaction_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { subgraph: SUBGRAPH_LABEL, mode: ['read', 'write'], outcome: ['committed', 'failed'] },
    meaning: 'A transaction from its beginning to its end, the wait for a connection left out.',
    roles: ['subgraph'],
    buckets: REQUEST_SECONDS,
  },
  sluice_database_connection_wait_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'From asking for a transaction until a connection of the pool has begun it.',
    roles: ['subgraph'],
    buckets: REQUEST_SECONDS,
  },
  sluice_database_transactions_open: {
    kind: 'gauge',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'Transactions that are open or wait for a connection.',
    roles: ['subgraph'],
  },
} as const satisfies Metrics
