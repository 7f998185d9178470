import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { lines } from '../panels.ts'
import { countRate, percent, quantile, rate } from '../promql/expressions.ts'
import { matching } from '../promql/selector.ts'

/** Rate, errors and duration of what clients ask. */
export const requestsRow = (): Row => ({
  title: 'Control plane: requests',
  panels: [operations(), latency(), failures(), subgraphLatency(), transactions(), audit()],
})

const operations = () =>
  lines({
    title: 'GraphQL operations',
    description: 'Operations per second by type and outcome. Refused: errors that the client can mend; failed: ours.',
    unit: units.RequestsPerSecond,
    width: 8,
    queries: [
      {
        expr: countRate('sluice_graphql_operation_duration_seconds', { by: ['type', 'outcome'] }),
        legend: '{{type}} {{outcome}}',
      },
    ],
  })

const latency = () =>
  lines({
    title: 'GraphQL latency',
    description: 'From a parsed operation to its result: the median and what 95 of 100 stay below, by type.',
    unit: units.Seconds,
    width: 8,
    queries: [
      { expr: quantile(0.5, 'sluice_graphql_operation_duration_seconds', { by: ['type'] }), legend: '{{type}} p50' },
      { expr: quantile(0.95, 'sluice_graphql_operation_duration_seconds', { by: ['type'] }), legend: '{{type}} p95' },
    ],
  })

const failures = () =>
  lines({
    title: 'Requests that failed',
    description:
      'HTTP requests answered with 5xx, of all. Clients try again; more than a few per cent for minutes is an incident.',
    unit: units.Percent,
    width: 8,
    queries: [
      {
        // A share of all even where none has failed: `or` gives the 0 that rate() of no series does not.
        expr: percent(
          `(${countRate('http_server_request_duration_seconds', { by: ['role'], where: { http_response_status_code: matching('5..') } })} or 0 * ${countRate('http_server_request_duration_seconds', { by: ['role'] })})`,
          countRate('http_server_request_duration_seconds', { by: ['role'] }),
        ),
        legend: '{{role}}',
      },
    ],
  })

const subgraphLatency = () =>
  lines({
    title: 'Subgraph fetches',
    description:
      'What 95 of 100 fetches of the gateway from each subgraph stay below. One line high above the others: look there first.',
    unit: units.Seconds,
    width: 8,
    queries: [
      {
        expr: quantile(0.95, 'sluice_subgraph_fetch_duration_seconds', { by: ['subgraph'] }),
        legend: '{{subgraph}} p95',
      },
    ],
  })

const transactions = () =>
  lines({
    title: 'Database transactions',
    description:
      'What 95 of 100 transactions stay below, and how long they waited for a connection before. A long wait with short transactions: the pool is too small, or something holds its connections.',
    unit: units.Seconds,
    width: 8,
    queries: [
      {
        expr: quantile(0.95, 'sluice_database_transaction_duration_seconds', { by: ['subgraph', 'mode'] }),
        legend: '{{subgraph}} {{mode}} p95',
      },
      {
        expr: quantile(0.95, 'sluice_database_connection_wait_seconds', { by: ['subgraph'] }),
        legend: '{{subgraph}} waits for a connection p95',
      },
    ],
  })

const audit = () =>
  lines({
    title: 'Audit records',
    description: 'Records per second by outcome. A burst of denied ones: somebody tries what is not theirs.',
    unit: units.OpsPerSecond,
    width: 8,
    queries: [
      { expr: rate('sluice_audit_events_total', { by: ['subgraph', 'outcome'] }), legend: '{{subgraph}} {{outcome}}' },
    ],
  })
