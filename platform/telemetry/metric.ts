/** One entry of the metric catalogue; its key there is the name as Prometheus sees it. */
export interface Metric {
  kind: 'counter' | 'gauge' | 'histogram'
  unit: Unit
  /** By name, each with the values it may have. A job, a pod or a user is never one. */
  labels: Readonly<Record<string, LabelValues>>
  /** One sentence: what is counted, of what, since or until when. */
  meaning: string
  roles: readonly Role[]
  /** Upper bounds of a histogram's buckets, in its unit. */
  buckets?: readonly number[]
  /** What has to happen before there is a series at all, where an ordinary job does not bring it about. */
  appearsAfter?: string
}

/** All of them, or what there is as many of: those come from outside, and something else bounds their number. */
export type LabelValues = readonly string[] | { readonly oneForEach: string }

/** The unit ends the metric's name; `1` counts things that the name says. */
export type Unit = 'seconds' | 'bytes' | 'gpus' | 'gpu_seconds' | '1'

/** Who has the metric on its ops listener. */
export type Role = 'gateway' | 'subgraph' | 'agent' | 'simulated cluster'

export type Metrics = Readonly<Record<string, Metric>>

/** Of a request within one machine or data centre. */
export const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
/** Of something that travels between planes or waits for a poll. */
export const LAG_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800] as const
/** Of a job in a queue: moments to most of a day. */
export const WAIT_SECONDS = [1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 43_200] as const
/** Of a pure computation. */
export const COMPUTE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const

export const SUBGRAPH_LABEL = ['tenants', 'inventory', 'jobs', 'metering'] as const
/** Of the replicas of one agent, only the leader decides; one that has no sibling is standalone. */
export const REPLICA_ROLES = ['leader', 'follower', 'standalone'] as const

export const QUEUE_LABEL = { oneForEach: 'queue of the cluster' } as const
export const MODEL_LABEL = { oneForEach: 'GPU model of the cluster' } as const
export const POOL_LABEL = { oneForEach: 'node pool of the cluster' } as const
export const CLUSTER_LABEL = { oneForEach: 'registered cluster' } as const
