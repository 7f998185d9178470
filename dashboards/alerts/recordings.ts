import { quantile, sum } from '../promql/expressions.ts'
import { matching } from '../promql/selector.ts'
import type { Recording } from './alert.ts'

/** What alerts compare, so that a person can look at the same line over weeks. */
export const recordings = {
  'cluster:gpus_allocatable:sum': {
    expr: sum('sluice_cluster_gpus', { by: ['cluster'], where: { state: matching('allocated|free') } }),
    meaning: 'Devices that jobs hold or could hold now.',
  },
  'cluster_queue:pending_gpus:sum': {
    expr: sum('sluice_pending_gpus', { by: ['cluster', 'queue'], where: { status: 'active' } }),
    meaning: 'Devices that jobs wait for which lack nothing but room or quota.',
  },
  'cluster_queue:admission_wait_seconds:p95_rate30m': {
    expr: quantile(0.95, 'sluice_admission_wait_time_seconds', { by: ['cluster', 'queue'], range: '30m' }),
    meaning: 'Wait that 95 of 100 jobs admitted in the last half hour stayed below.',
  },
  'type:graphql_operation_seconds:p95_rate5m': {
    expr: quantile(0.95, 'sluice_graphql_operation_duration_seconds', {
      by: ['type'],
      where: { type: matching('query|mutation') },
      range: '5m',
    }),
    meaning: 'Time that 95 of 100 queries, and of mutations, stayed below in the last 5 minutes.',
  },
  'subgraph:subscription_lag_seconds:p99_rate5m': {
    expr: quantile(0.99, 'sluice_subscription_lag_seconds', { by: ['subgraph'], range: '5m' }),
    meaning: 'Lag that 99 of 100 events of the last 5 minutes stayed below.',
  },
} as const satisfies Record<string, Omit<Recording, 'name'>>

export type RecordingName = keyof typeof recordings

/** A recorded series, by a name that there is. */
export const recorded = (name: RecordingName): string => name
