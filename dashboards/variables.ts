import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { choiceOf } from './dashboard.ts'
import { matching, series } from './promql/selector.ts'

/** The clusters whose agents are scraped. */
export const clusterVariable = (): Builder<VariableModel> =>
  choiceOf('cluster', 'Cluster', `label_values(${series('sluice_cluster_nodes')}, cluster)`)

/** The queues of the chosen clusters. */
export const queueVariable = (): Builder<VariableModel> =>
  choiceOf('queue', 'Queue', `label_values(${series('sluice_pending_workloads', IN_CLUSTER)}, queue)`)

export const IN_CLUSTER = { cluster: matching('$cluster') } as const
export const IN_QUEUE = { ...IN_CLUSTER, queue: matching('$queue') } as const
