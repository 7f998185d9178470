import {
  COMPUTE_SECONDS,
  type Metrics,
  MODEL_LABEL,
  POOL_LABEL,
  QUEUE_LABEL,
  REPLICA_ROLES,
  WAIT_SECONDS,
} from '../metric.ts'

const replica_role = REPLICA_ROLES
/** active: nothing is wanting but room or quota; inadmissible: something has to be changed first. */
const PENDING_STATUSES = ['active', 'inadmissible'] as const
/** The codes that a pending job can show, as the graph has them. */
export const UNSCHEDULABLE_REASONS = [
  'WaitingForQuota',
  'InsufficientGpus',
  'InsufficientCapacity',
  'NoMatchingFlavor',
  'ExceedsMaxQuota',
  'GangLargerThanCluster',
  'TopologyPlacementFailed',
  'PodRulesFailed',
  'VolumeNotReady',
  'ShareNotEnforced',
  'UnknownTopologyLevel',
  'WaitingForPods',
  'WaitingForBackoff',
  'QueueHeld',
  'WaitingForTurn',
  'WaitingForPreemptedWorkloads',
  'WaitingForReservation',
  'ReservedForAnother',
  'QueueNotFound',
  'QueueMisconfigured',
  'Misconfigured',
  'UnsupportedField',
  'UnsupportedClaim',
  'InvalidRequest',
  'AssignmentTooLarge',
  'ClassNotAllowed',
] as const

/** Why an admission was taken back, as the job's events say it. */
const EVICTION_REASONS = [
  'NotAdmitted',
  'NodeLost',
  'NodeDrained',
  'KubeletRejected',
  'QueueDrained',
  'Preempted',
  'ForeignBinding',
  'PodLargerThanTemplate',
  'VolumeElsewhere',
  'VolumeNotBound',
  'PodsNotCreated',
  'AssignmentConflict',
  'ClaimUnusable',
] as const

/** Queues and the decisions about them. GPUs are whole devices or decimal shares of one. */
export const schedulingMetrics = {
  sluice_scheduler_cycles_total: {
    kind: 'counter',
    unit: '1',
    labels: { outcome: ['admitted', 'unchanged'], replica_role },
    meaning: 'Plans that were made, by whether they admitted anything.',
    roles: ['agent'],
  },
  sluice_scheduler_plan_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { replica_role },
    meaning: 'The pure computation of one plan, without the writes that follow.',
    roles: ['agent'],
    buckets: COMPUTE_SECONDS,
  },
  sluice_scheduler_busy_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: { replica_role },
    meaning:
      'For how long the scheduler has had something to decide or an answer to wait for without a break; 0 where it has nothing to do.',
    roles: ['agent'],
  },
  sluice_admission_attempts_total: {
    kind: 'counter',
    unit: '1',
    labels: { result: ['admitted', 'conflict', 'failed'], replica_role },
    meaning: 'Admissions as the API server answered: conflict, where the Job had changed meanwhile, is decided again.',
    roles: ['agent'],
  },
  sluice_binds_total: {
    kind: 'counter',
    unit: '1',
    labels: { result: ['bound', 'conflict', 'failed'], replica_role },
    meaning: 'Bindings of pods as the API server answered.',
    roles: ['agent'],
  },
  sluice_admission_wait_time_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { queue: QUEUE_LABEL, replica_role },
    meaning: 'Domain time from a job’s creation, or its last eviction, to its admission.',
    roles: ['agent'],
    buckets: WAIT_SECONDS,
  },
  sluice_ready_wait_time_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { queue: QUEUE_LABEL },
    meaning: 'Domain time from a job’s admission until all its pods are ready.',
    roles: ['agent'],
    buckets: WAIT_SECONDS,
  },
  sluice_evicted_workloads_total: {
    kind: 'counter',
    unit: '1',
    labels: {
      queue: QUEUE_LABEL,
      reason: EVICTION_REASONS,
      replica_role,
    },
    meaning: 'Admitted jobs that were suspended again and wait anew.',
    roles: ['agent'],
    appearsAfter: 'an admitted job that had to give way',
  },
  sluice_pending_workloads: {
    kind: 'gauge',
    unit: '1',
    labels: { queue: QUEUE_LABEL, status: PENDING_STATUSES, replica_role },
    meaning: 'Jobs that wait now; active lack nothing but room or quota, inadmissible need a change first.',
    roles: ['agent'],
  },
  sluice_pending_gpus: {
    kind: 'gauge',
    unit: 'gpus',
    labels: { queue: QUEUE_LABEL, gpu_model: MODEL_LABEL, status: PENDING_STATUSES, replica_role },
    meaning:
      'GPUs that waiting jobs ask for; gpu_model is what they insist on: one model, several joined by +, or any.',
    roles: ['agent'],
  },
  sluice_unschedulable_workloads: {
    kind: 'gauge',
    unit: '1',
    labels: { reason: UNSCHEDULABLE_REASONS, replica_role },
    meaning: 'Jobs that wait now, by the reason that the graph and their events give.',
    roles: ['agent'],
    appearsAfter: 'a job that has to wait',
  },
  sluice_admitted_workloads: {
    kind: 'gauge',
    unit: '1',
    labels: { queue: QUEUE_LABEL, replica_role },
    meaning: 'Jobs that hold an assignment now.',
    roles: ['agent'],
  },
  sluice_queue_nominal_gpus: {
    kind: 'gauge',
    unit: 'gpus',
    labels: { queue: QUEUE_LABEL, flavor: { oneForEach: 'node pool, and * for all of them' }, replica_role },
    meaning: 'Nominal GPU quota of the queue.',
    roles: ['agent'],
  },
  sluice_queue_used_gpus: {
    kind: 'gauge',
    unit: 'gpus',
    labels: { queue: QUEUE_LABEL, gpu_model: MODEL_LABEL, replica_role },
    meaning:
      'GPUs that the queue’s own jobs hold now, bound or assigned; summed over models it is the queue’s usedGpus in the graph.',
    roles: ['agent'],
  },
  sluice_queue_borrowed_gpus: {
    kind: 'gauge',
    unit: 'gpus',
    labels: { queue: QUEUE_LABEL, replica_role },
    meaning: 'What a queue with a GPU quota, its children included, holds above that quota.',
    roles: ['agent'],
  },
  sluice_cluster_gpus: {
    kind: 'gauge',
    unit: 'gpus',
    labels: { pool: POOL_LABEL, gpu_model: MODEL_LABEL, state: ['allocated', 'free', 'unavailable'], replica_role },
    meaning:
      'Devices of the cluster: allocated to bound pods, free for jobs, or unhealthy or on a node that takes no pods; a share counts its part.',
    roles: ['agent'],
  },
  sluice_cluster_largest_free_block_gpus: {
    kind: 'gauge',
    unit: 'gpus',
    labels: { gpu_model: MODEL_LABEL, replica_role },
    meaning: 'Most whole devices that are free on one node: the largest pod that could start now.',
    roles: ['agent'],
  },
  sluice_cluster_nodes: {
    kind: 'gauge',
    unit: '1',
    labels: { pool: POOL_LABEL, state: ['schedulable', 'unschedulable'], replica_role },
    meaning: 'Nodes by whether the scheduler may use them.',
    roles: ['agent'],
  },
  sluice_scheduler_cache_size: {
    kind: 'gauge',
    unit: '1',
    labels: { type: ['jobs', 'pods', 'nodes', 'queues', 'namespaces'], replica_role },
    meaning: 'Objects in the caches that the scheduler and the observer share.',
    roles: ['agent'],
  },
} as const satisfies Metrics
