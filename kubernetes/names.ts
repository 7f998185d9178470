/**
 * Every label, annotation, taint and finalizer that Sluice reads or writes, in one place.
 * Labels on a Namespace are written by the agent alone and prove ownership; labels on Jobs and
 * pods can be written by tenants and prove nothing.
 */
export const GROUP = 'sluice.dev'
export const FIELD_MANAGER = 'sluice'
export const SCHEDULER_NAME = 'sluice'
export const SYSTEM_NAMESPACE = 'sluice-system'
/** ConfigMap of the counters that only grow, and the key of the one that counts terms of the scheduler. */
export const EPOCHS = { namespace: SYSTEM_NAMESPACE, name: 'sluice-epochs', term: 'scheduler' } as const

export const labels = {
  /** Namespace (trusted), Job and pod template (information only): tenant id. */
  tenant: 'sluice.dev/tenant',
  /** Namespace (trusted), Job and pod template (information only): project id. */
  project: 'sluice.dev/project',
  /** Job and pod template: the job id that submitJob returned. A claim, checked against the project. */
  job: 'sluice.dev/job',
  /** Job, and pod of a group: name of the Queue object it waits in. */
  queue: 'sluice.dev/queue',
  /** Pod that no Job of Sluice's made: name of its group, which is given places like a gang; see ADR 0033. */
  group: 'sluice.dev/group',
  /** Node: node pool, whose name is the flavor that quotas name. */
  pool: 'sluice.dev/pool',
  /** Node: COUNT, ANNOTATION, DRA or SIMULATED (who chooses devices). */
  deviceControl: 'sluice.dev/device-control',
  /** Node: by what the share of a device is kept to, one of SHARE_ENFORCEMENTS; absent: by nothing. */
  shareEnforcement: 'sluice.dev/share-enforcement',
  /** Node, written by GPU feature discovery: the GPU model. */
  gpuModel: 'nvidia.com/gpu.product',
  /** Node, written by GPU feature discovery: MiB of one GPU. */
  gpuMemoryMib: 'nvidia.com/gpu.memory',
} as const

export const annotations = {
  /** Job: the assignment as JSON, see scheduler/model/assignment.ts. */
  assignment: 'sluice.dev/assignment',
  /** Job and pod: domain time of admission, RFC 3339 in seconds. On a pod: from when it holds its devices. */
  admittedAt: 'sluice.dev/admitted-at',
  /** Job, pod and ResourceClaim: epoch of the scheduler's last decision on it. */
  epoch: 'sluice.dev/epoch',
  /** Job, and one pod of a group: why it waits, JSON { code, message, fix?, since }. */
  pending: 'sluice.dev/pending',
  /** Job: JSON { attempt, notBefore } after its gang did not come up. */
  requeue: 'sluice.dev/requeue',
  /** Job: whom the scheduler stops for it, JSON { victims: uids, assignment }; removed by its admission. */
  nomination: 'sluice.dev/nomination',
  /** Job: why its admission was taken back last, JSON { at, reason, message }; removed by the next admission. */
  evicted: 'sluice.dev/evicted',
  /** Job: who made it, written by an admission policy from the request itself. */
  createdBy: 'sluice.dev/created-by',
  /** Job: W3C traceparent of its submission. A claim: it decides into which trace spans about the Job go, and nothing else. */
  traceparent: 'sluice.dev/traceparent',
  /** SchedulingPolicy: generation under which the control plane wants it; see ClusterPolicy in the graph. */
  policyGeneration: 'sluice.dev/policy-generation',
  /** Pod of a group: how many pods the group has. */
  groupSize: 'sluice.dev/group-size',
  /** Pod of a group: in which of the group's turns it was bound, see groupRecord. */
  groupTurn: 'sluice.dev/group-turn',
  /** One pod of a group: what was decided on the group, JSON, see scheduler/live/groups/groupRecord.ts. */
  groupRecord: 'sluice.dev/group-record',
  /** Job, and pod of a group: JobClass of the API, upper case. */
  class: 'sluice.dev/class',
  /** Job, and pod of a group: "true" or "false". */
  preemptible: 'sluice.dev/preemptible',
  /** Job: the fewest pods that it runs with, 1 to spec.parallelism; with it the Job is elastic. */
  minCount: 'sluice.dev/min-count',
  /** Elastic Job that runs smaller than it asked: how many pods it asked for. */
  count: 'sluice.dev/count',
  /** Elastic Job that has grown since its admission: JSON { steps: [{ from: its first new slot, at }] }, oldest first. */
  grown: 'sluice.dev/grown',
  /** Pod: number of its slot in the assignment. */
  slot: 'sluice.dev/slot',
  /** Pod: JSON [{ index, uuid, model, share, enforcement? }], share in decimals of one device as a string; see SHARE_ENFORCEMENTS. */
  devices: 'sluice.dev/devices',
  /** Pod template: decimal of one device, "0.001" to "1". */
  gpuShare: 'sluice.dev/gpu-share',
  /** Pod template: MiB of GPU memory. */
  gpuMemoryMib: 'sluice.dev/gpu-memory-mib',
  /** Pod template: comma-separated GPU models that are acceptable. */
  gpuModels: 'sluice.dev/gpu-models',
  /** Pod template: name of the topology level within one domain of which all pods of the gang have to be. */
  topologyRequired: 'sluice.dev/topology-required',
  /** Pod template: the same, where it can be had. */
  topologyPreferred: 'sluice.dev/topology-preferred',
  /** Node with device control SIMULATED: JSON [{ index, uuid, memoryMiB, health }]. */
  nodeDevices: 'sluice.dev/node-devices',
} as const

/**
 * What keeps pods that share a device to their share: MIG and DRA cut it in hardware, MPS and HAMi-core bound what a
 * process may use, NONE relies on good manners.
 */
export const SHARE_ENFORCEMENTS = ['MIG', 'DRA', 'HAMI_CORE', 'MPS', 'NONE'] as const
export type ShareEnforcement = (typeof SHARE_ENFORCEMENTS)[number]

/** Extended resource of whole GPUs. */
export const GPU_RESOURCE = 'nvidia.com/gpu'
/** Taint of GPU nodes: only what Sluice schedules tolerates it. */
export const GPU_TAINT = { key: 'sluice.dev/gpu', effect: 'NoSchedule' } as const
/** Keeps a finished pod until metering has acknowledged its interval. */
export const METERED_FINALIZER = 'sluice.dev/metered'
/** Kubernetes' own: keeps a ResourceClaim until its devices are given back. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection'

/** Priority classes the platform installs; a Job without one gets its class's. Highest first. */
export const PRIORITY_OF_CLASS = { INFERENCE: 400, INTERACTIVE: 300, TRAINING: 200, BATCH: 100 } as const

/** Name of the one SchedulingPolicy of a cluster. */
export const SCHEDULING_POLICY = 'default'
/** Queue of a Job that names none. */
export const DEFAULT_QUEUE = 'default'
/** Class of a Job that names none. */
export const DEFAULT_CLASS = 'TRAINING'
