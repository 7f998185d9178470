import { CLUSTER_LABEL, LAG_SECONDS, type Metrics, REQUEST_SECONDS, SUBGRAPH_LABEL } from '../metric.ts'

const KIND_LABEL = ['Namespace', 'Queue', 'Job', 'JobRemoval', 'SchedulingPolicy'] as const

/** Between the planes: directives down, observations up. */
export const linkMetrics = {
  sluice_link_agent_connected: {
    kind: 'gauge',
    unit: '1',
    labels: { cluster: CLUSTER_LABEL },
    meaning:
      '1 where the agent of the cluster has called in the last 15 s, 0 where it has called since this gateway started but not lately.',
    roles: ['gateway'],
  },
  sluice_link_agent_last_seen_timestamp_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: { cluster: CLUSTER_LABEL },
    meaning: 'Unix time of the last call of the cluster’s agent to this gateway.',
    roles: ['gateway'],
  },
  sluice_link_batches_total: {
    kind: 'counter',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL, outcome: ['applied', 'gap', 'stale_epoch'] },
    meaning: 'Batches of observations by how the subgraph answered; a batch sent again counts again.',
    roles: ['subgraph'],
  },
  sluice_link_records_quarantined_total: {
    kind: 'counter',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'Observations that could not be applied and were put aside for a person to look at.',
    roles: ['subgraph'],
    appearsAfter: 'an observation that its subgraph cannot apply',
  },
  sluice_link_batch_apply_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'One batch of observations, from its arrival to its commit.',
    roles: ['subgraph'],
    buckets: REQUEST_SECONDS,
  },
  sluice_link_directives_pending: {
    kind: 'gauge',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning:
      'Directives that have reached the agent and are not applied to the cluster yet, those that wait for another attempt included.',
    roles: ['agent'],
  },
  sluice_link_directive_lag_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { kind: KIND_LABEL },
    meaning: 'From a directive’s reaching the agent until the cluster has taken it, failed attempts included.',
    roles: ['agent'],
    buckets: LAG_SECONDS,
  },
  sluice_link_directive_failures_total: {
    kind: 'counter',
    unit: '1',
    labels: { kind: KIND_LABEL },
    meaning: 'Attempts to apply a directive that the cluster refused or did not answer; each is tried again.',
    roles: ['agent'],
    appearsAfter: 'a refusal of the cluster',
  },
  sluice_link_observations_unacknowledged: {
    kind: 'gauge',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'Observations that the agent keeps because the subgraph has not acknowledged them yet.',
    roles: ['agent'],
  },
  sluice_link_observation_lag_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'From the first record of a batch until the subgraph has acknowledged the batch.',
    roles: ['agent'],
    buckets: LAG_SECONDS,
  },
} as const satisfies Metrics
