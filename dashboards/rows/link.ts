import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { figure, lines } from '../panels.ts'
import { max, quantile, rate, sum } from '../promql/expressions.ts'
import { IN_CLUSTER } from '../variables.ts'

/** Between the planes. */
export const linkRow = (): Row => ({
  title: 'Link to the clusters',
  panels: [connected(), lastSeen(), directiveLag(), observationLag(), pending(), batches(), failures()],
})

const connected = () =>
  figure({
    title: 'Agents connected',
    description: 'Clusters whose agent has called in the last 15 s, and those whose agent has not.',
    unit: units.Short,
    width: 6,
    queries: [
      {
        expr: `sum(${max('sluice_link_agent_connected', { by: ['cluster'], where: IN_CLUSTER })})`,
        legend: 'connected',
      },
      {
        expr: `count(${max('sluice_link_agent_connected', { by: ['cluster'], where: IN_CLUSTER })} == 0) or vector(0)`,
        legend: 'away',
      },
    ],
  })

const lastSeen = () =>
  lines({
    title: 'Since the agent last called',
    description:
      'Cut off, a cluster goes on with what it has: running jobs run, admitted ones start. Nothing new reaches it.',
    unit: units.Seconds,
    width: 6,
    queries: [
      {
        expr: `time() - ${max('sluice_link_agent_last_seen_timestamp_seconds', { by: ['cluster'], where: IN_CLUSTER })}`,
        legend: '{{cluster}}',
      },
    ],
  })

const directiveLag = () =>
  lines({
    title: 'Directive lag',
    description: 'From a directive’s reaching the agent until the cluster has taken it, p95, failed attempts included.',
    unit: units.Seconds,
    width: 6,
    queries: [
      {
        expr: quantile(0.95, 'sluice_link_directive_lag_seconds', { by: ['cluster', 'kind'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{kind}} p95',
      },
    ],
  })

const observationLag = () =>
  lines({
    title: 'Observation lag',
    description: 'From the first record of a batch until the subgraph has acknowledged it, p95.',
    unit: units.Seconds,
    width: 6,
    queries: [
      {
        expr: quantile(0.95, 'sluice_link_observation_lag_seconds', { by: ['cluster', 'subgraph'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{subgraph}} p95',
      },
    ],
  })

const pending = () =>
  lines({
    title: 'Waiting to cross',
    description:
      'Directives not applied yet, and observations not acknowledged yet. Both are kept however long the other side is away.',
    unit: units.Short,
    width: 8,
    queries: [
      {
        expr: sum('sluice_link_directives_pending', { by: ['cluster', 'subgraph'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{subgraph}} directives',
      },
      {
        expr: sum('sluice_link_observations_unacknowledged', { by: ['cluster', 'subgraph'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{subgraph}} observations',
      },
    ],
  })

const batches = () =>
  lines({
    title: 'Batches of observations',
    description:
      'Batches per second by the subgraph’s answer. Gaps and stale epochs are asked for again and cost only time.',
    unit: units.OpsPerSecond,
    width: 8,
    queries: [
      { expr: rate('sluice_link_batches_total', { by: ['subgraph', 'outcome'] }), legend: '{{subgraph}} {{outcome}}' },
    ],
  })

const failures = () =>
  lines({
    title: 'Refusals',
    description:
      'Attempts to apply a directive that the cluster refused, and observations put aside because they could not be applied. The first are tried again; the second wait for a person.',
    unit: units.OpsPerSecond,
    width: 8,
    queries: [
      {
        expr: rate('sluice_link_directive_failures_total', { by: ['cluster', 'kind'], where: IN_CLUSTER }),
        legend: '{{cluster}} {{kind}} refused',
      },
      { expr: rate('sluice_link_records_quarantined_total', { by: ['subgraph'] }), legend: '{{subgraph}} put aside' },
    ],
  })
