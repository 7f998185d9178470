import { CLUSTER_LABEL, type Metrics, MODEL_LABEL, SUBGRAPH_LABEL } from '../metric.ts'

/** The ledger, the audit trail, and how long things are kept. */
export const accountingMetrics = {
  sluice_metering_gpu_seconds_total: {
    kind: 'counter',
    unit: 'gpu_seconds',
    labels: { gpu_model: MODEL_LABEL },
    meaning:
      'GPU-seconds of allocation intervals that have been closed since this process started; a share counts its part.',
    roles: ['subgraph'],
  },
  sluice_metering_events_total: {
    kind: 'counter',
    unit: '1',
    labels: { result: ['accepted', 'duplicate'] },
    meaning: 'Observed pods by what the ledger made of them; duplicate: told nothing new.',
    roles: ['subgraph'],
  },
  sluice_metering_open_intervals: {
    kind: 'gauge',
    unit: '1',
    labels: { cluster: CLUSTER_LABEL },
    meaning: 'Allocation intervals that have begun and not ended, as far as the ledger has heard.',
    roles: ['subgraph'],
  },
  sluice_metering_ingest_lag_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: { cluster: CLUSTER_LABEL },
    meaning: 'Domain time since the instant up to which the ledger has heard everything of the cluster.',
    roles: ['subgraph'],
  },
  sluice_audit_events_total: {
    kind: 'counter',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL, outcome: ['allowed', 'denied'] },
    meaning: 'Audit records written, with their change or for an attempt that was denied.',
    roles: ['subgraph'],
  },
  sluice_audit_write_errors_total: {
    kind: 'counter',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'Audit records that could not be written; the change they belong to was not made either.',
    roles: ['subgraph'],
    appearsAfter: 'a database that refuses the record',
  },
  sluice_retention_removed_rows_total: {
    kind: 'counter',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL, what: ['events', 'idempotency', 'quarantine', 'feeds', 'exports', 'samples'] },
    meaning: 'Rows whose time to be kept was over, and that are gone.',
    roles: ['subgraph'],
    appearsAfter: 'rows older than they are kept',
  },
  sluice_retention_last_run_timestamp_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'Unix time when old rows were last looked for, to the end.',
    roles: ['subgraph'],
    appearsAfter: 'the first round of retention',
  },
} as const satisfies Metrics
