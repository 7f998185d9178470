/**
 * What travels over /link between an agent and the subgraphs. The agent always calls; each subgraph
 * sends its own directives down and takes its own observations up (design, section 2).
 *
 *   POST /link/{subgraph}/directives    DirectivesRequest → DirectivesPage (held open until there is something, at most waitMs)
 *   POST /link/{subgraph}/observations  ObservationBatch  → BatchAnswer
 *   POST /link/hello                    ClusterHello      → HelloAnswer   (inventory registers the cluster, idempotent by name)
 *
 * JSON bodies; bearer token of kind `agent` whose cluster name must match. A hello may bear a join token
 * or a kept credential instead, and is then answered with such a token (ADR 0012).
 */
export type SubgraphName = 'tenants' | 'inventory' | 'jobs' | 'metering'
export const SUBGRAPH_NAMES: readonly SubgraphName[] = ['tenants', 'inventory', 'jobs', 'metering']

export interface ClusterHello {
  /** DNS label, unique. */
  name: string
  kubernetesVersion: string
  /** Of the namespace kube-system: tells two clusters apart that say the same name. */
  uid?: string
  /** Between gateway and inventory: the join token or kept credential that it bore, in place of an access token. */
  credential?: string
}
/** What inventory says of it. */
export type HelloOutcome = { clusterId: string; credential?: string } | { refused: HelloRefusal }
export interface HelloRefusal {
  status: 401 | 403
  code: string
  message: string
  fix: string
}
/** So a join token begins, and a kept credential: nobody takes them for access tokens, or for each other. */
export const JOIN_TOKEN_PREFIX = 'sluice_join_'
export const CREDENTIAL_PREFIX = 'sluice_agent_'
export interface HelloAnswer {
  clusterId: string
  /** Where the hello bore a join token or a kept credential: what opens the rest of the link. */
  access?: { token: string; lifetimeSeconds: number }
  /** Where it bore a join token: says hello from now on, in place of the token. */
  credential?: string
}

/** The wanted state of one object. Level-triggered: only the newest body per (kind, key) matters, and applying twice is harmless. */
export type Directive = { kind: DirectiveKind; key: string; position: string } & (
  | { kind: 'Namespace'; body: NamespaceDirective | null }
  | { kind: 'Queue'; body: QueueDirective | null }
  | { kind: 'Job'; body: JobDirective | null }
  | { kind: 'JobRemoval'; body: JobRemovalDirective | null }
  | { kind: 'SchedulingPolicy'; body: SchedulingPolicyDirective | null }
)
/** A `null` body: the object should not exist. */
export type DirectiveKind = 'Namespace' | 'Queue' | 'Job' | 'JobRemoval' | 'SchedulingPolicy'

/** From tenants, key: namespace name. */
export interface NamespaceDirective {
  namespace: string
  tenantId: string
  tenantSlug: string
  projectId: string
  projectSlug: string
}
/** From inventory, key: name of the Queue object (`<name>` where shared, `<tenant slug>.<name>` otherwise). */
export interface QueueDirective {
  name: string
  parent: string | null
  tenantId: string | null
  quotas: {
    flavor: string
    resource: 'GPU' | 'CPU' | 'MEMORY'
    nominalQuota: string
    borrowingLimit: string | null
    lendingLimit: string | null
  }[]
  weight: string
  /** A directive of an earlier release has none of these. */
  queueingStrategy?: 'BestEffortFIFO' | 'StrictFIFO'
  stopPolicy?: 'None' | 'Hold' | 'HoldAndDrain'
  minRuntimeSeconds?: number
  flavorFungibility?: {
    whenCanBorrow: 'MayStopSearch' | 'TryNextFlavor'
    whenCanPreempt: 'MayStopSearch' | 'TryNextFlavor'
  }
  usageHalfLifeSeconds?: number | null
}
/** From inventory, key: name of the one object. Never null: a cluster always has a policy. */
export interface SchedulingPolicyDirective {
  /** Grows with each wish for this cluster. */
  generation: number
  spec: SchedulingPolicyWish
}
/** As the object's spec; what is absent is as the cluster has it by default. */
export interface SchedulingPolicyWish {
  gangStart: { baseSeconds: number; podsPerSecond: number }
  requeue: { firstBackoffSeconds: number; lastBackoffSeconds: number; avoidNodeSeconds: number }
  order: { agingSeconds: number }
  stops: { node?: string; pool?: string; stopPolicy: 'Hold' | 'HoldAndDrain' }[]
  highestClasses: { tenantId: string; class: 'INFERENCE' | 'INTERACTIVE' | 'TRAINING' | 'BATCH' }[]
  topology?: { levels: { name: string; nodeLabel: string }[] }
  shares?: { requireEnforcement: ('MIG' | 'DRA' | 'HAMI_CORE' | 'MPS' | 'NONE')[] }
}
/** From jobs, key: job id. `null` deletes the Job object (cancelled, or final and acknowledged). */
export interface JobDirective {
  jobId: string
  /** Principal that submitted it; a directive of an earlier release does not tell. */
  createdBy?: string | null
  tenantId: string
  projectId: string
  namespace: string
  /** Kubernetes name of the Job, unique in the namespace for ever: `<name>-<suffix of the id>`. */
  objectName: string
  /** Name of the Queue object. */
  queue: string
  image: string
  command: string[] | null
  env: { name: string; value: string }[]
  /** completions = parallelism = slots of the gang. */
  replicas: number
  class: 'INFERENCE' | 'INTERACTIVE' | 'TRAINING' | 'BATCH'
  priorityClass: string | null
  preemptible: boolean
  maxRuntimeSeconds: number | null
  labels: { name: string; value: string }[]
  resources: PodResources
  /** Of an elastic job the fewest replicas that it runs with; absent: all of them. */
  minCount?: number
  /** Names of topology levels; absent: none asked. */
  topology?: TopologyRequest
  /** W3C trace context of the submission, where somebody traces it. */
  traceparent?: string
}
/**
 * From jobs, key: job id. A Job that came by kubectl and was cancelled through the API: that very object
 * should not exist. Other than a Job of a directive it is not known by its job's id in the cluster.
 */
export interface JobRemovalDirective {
  namespace: string
  name: string
  uid: string
}
/** How near to one another the pods of a gang have to be, or had better be. */
export interface TopologyRequest {
  required: string | null
  preferred: string | null
}
export interface PodResources {
  /** Decimal of cores. */
  cpu: string
  memoryMiB: number
  gpu: GpuRequest | null
}
/** Either whole devices (count) or a share of one device. */
export interface GpuRequest {
  count: number | null
  /** Decimal, 0.001 to 1. */
  share: string | null
  memoryMiB: number | null
  /** Empty: any model. */
  models: string[]
}

export interface DirectivesRequest {
  clusterId: string
  /** Position of the last directive applied; absent: from the beginning, every current directive. */
  after?: string
  /** Of the page that `after` is from: where the history has been replaced since, all is told from the beginning. */
  epoch?: string
  limit: number
  /** Wall milliseconds to hold the request where there is nothing yet. */
  waitMs: number
}
export interface DirectivesPage {
  directives: Directive[]
  /** Position to ask after next. */
  position: string
  /** Of the history that the position is in; a restore begins a new one. */
  epoch: string
}

/**
 * Observations of one cluster for one subgraph. Applied once, in order, in one transaction.
 * `epoch` grows with each start of the agent; number 1 of an epoch begins a resync: records up to
 * the one of kind `resyncEnd` describe all there is, and what they leave out is gone.
 */
export interface ObservationBatch {
  clusterId: string
  epoch: number
  number: number
  /** Domain time up to which the cluster has been observed completely, RFC 3339 with milliseconds. */
  through: string
  records: Observation[]
}
export interface ObservationProgress {
  epoch: number
  /** Last batch applied, 0 for none. */
  number: number
}
/** `applied`: also where it had been applied before. `expected`: send that batch next; nothing was written. */
export type BatchAnswer =
  | { outcome: 'applied'; quarantined: number }
  | { outcome: 'gap'; expected: ObservationProgress }
  | { outcome: 'staleEpoch'; expected: ObservationProgress }

/** A state, not a change: the newest record of an object replaces what was known. `seq` is cluster-wide and grows. */
export type Observation = { seq: number } & (
  | ({ kind: 'node' } & NodeObservation)
  | { kind: 'nodeGone'; name: string }
  | ({ kind: 'queue' } & QueueObservation)
  | ({ kind: 'job' } & JobObservation)
  | { kind: 'jobGone'; uid: string; namespace: string; name: string; at: string }
  | ({ kind: 'pod' } & PodObservation)
  | { kind: 'podGone'; uid: string; namespace: string; name: string; at: string }
  | ({ kind: 'jobRefused' } & JobRefusal)
  | ({ kind: 'snapshot' } & SnapshotObservation)
  | ({ kind: 'policy' } & PolicyObservation)
  | { kind: 'resyncEnd' }
)
export type ObservationKind = Observation['kind']
/** Who takes what. resyncEnd goes to all. */
export const OBSERVERS: Record<SubgraphName, readonly ObservationKind[]> = {
  tenants: [],
  inventory: ['node', 'nodeGone', 'queue', 'pod', 'podGone', 'snapshot', 'policy', 'resyncEnd'],
  jobs: ['job', 'jobGone', 'jobRefused', 'pod', 'podGone', 'resyncEnd'],
  metering: ['pod', 'podGone', 'resyncEnd'],
}

/** A directive of a job that the cluster refuses as it is: only another directive, or another cluster, can mend it. */
export interface JobRefusal {
  jobId: string
  at: string
  /** The API server's words. */
  message: string
}
export interface NodeObservation {
  name: string
  /** Flavor. */
  pool: string
  ready: boolean
  cpuMilli: number
  memoryMiB: number
  gpuModel: string | null
  deviceControl: 'COUNT' | 'ANNOTATION' | 'DRA' | 'SIMULATED'
  /** What keeps shares to their size there; an agent of an earlier release does not tell. */
  shareEnforcement?: 'MIG' | 'DRA' | 'HAMI_CORE' | 'MPS' | 'NONE'
  /** Whole devices; empty uuid where the pool does not tell. */
  devices: { index: number; uuid: string; memoryMiB: number; health: string }[]
}
export interface QueueObservation {
  name: string
  pending: number
  admitted: number
  usedGpus: string
  pendingGpus: string
}
/** The cluster's SchedulingPolicy. */
export interface PolicyObservation {
  /** Under which it was applied last; null: by nobody of the control plane. */
  generation: number | null
  /** The scheduler follows it as it is. */
  isFollowed: boolean
}
/** What the scheduler plans from; rides along with other records, and is left out where a newer one is there. */
export interface SnapshotObservation {
  /** Grows with each change under one epoch. */
  version: number
  /** Domain time as of which it holds. */
  at: string
  /** JSON of scheduler/whatif/snapshotText.ts, compressed with gzip, in base64; null: the version told last still holds. */
  body: string | null
  /** Figures of the queues in it; empty where there is no body. */
  queues: QueueFiguresObservation[]
}
/** Decimals of GPUs and cores; MiB. */
export interface QueueFiguresObservation {
  name: string
  weightedShare: number
  cells: {
    flavor: string
    resource: 'GPU' | 'CPU' | 'MEMORY'
    used: string
    pending: string
    /** null: no quota of its own. */
    nominal: string | null
    borrowed: string
    lent: string
    reclaimable: string
  }[]
}
export interface JobObservation {
  uid: string
  namespace: string
  name: string
  /** From the namespace's labels: trusted. */
  tenantId: string
  projectId: string
  /** From the Job's own label: a claim. */
  jobId: string | null
  queue: string | null
  /** From an annotation that an admission policy writes and keeps: the Kubernetes user. null: made before there was one. */
  createdBy: string | null
  /** What the Job controller and the scheduler say. */
  state: 'PENDING' | 'ADMITTED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED'
  createdAt: string
  admittedAt: string | null
  /** When all pods it needs were ready. */
  startedAt: string | null
  finishedAt: string | null
  /** Why it was evicted last, if it is pending again. */
  evicted: { at: string; reason: string; message: string } | null
  pending: { code: string; message: string; fix: string | null; since: string } | null
  /** Reason and message of a failure. */
  failure: { reason: string; message: string } | null
  /** The Job's spec as needed to adopt one that came by kubectl. */
  spec: {
    replicas: number
    class: JobDirective['class']
    priorityClass: string | null
    preemptible: boolean
    maxRuntimeSeconds: number | null
    resources: PodResources
    image: string
  }
  /** W3C trace context of the submission, or of this observation of it. */
  traceparent?: string
}
export interface PodObservation {
  uid: string
  namespace: string
  name: string
  tenantId: string
  projectId: string
  jobUid: string | null
  /** Claim, as above. */
  jobId: string | null
  node: string | null
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  reason: string | null
  createdAt: string
  /** From when it holds its devices: annotation admittedAt, written with the binding. null: not bound. */
  admittedAt: string | null
  /** When its containers started. */
  startedAt: string | null
  /** When it stopped holding its devices: its containers' last end, or its removal. */
  finishedAt: string | null
  exitCode: number | null
  slot: number | null
  cpuMilli: number
  memoryMiB: number
  devices: {
    index: number | null
    uuid: string | null
    model: string
    share: string
    identity: 'ASSIGNED' | 'OBSERVED' | 'UNKNOWN'
  }[]
  /** W3C trace context of the submission, or of this observation of it. */
  traceparent?: string
}
