// Made by `npm run codegen`; do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ClusterMapper, JoinTokenMapper, NodePoolMapper, GpuMapper, QueueMapper, QueueEventMapper, QueueUsageMapper, QueueSampleMapper, PendingReasonMapper, PendingNumbersMapper, AdmittingChangeMapper, AdmissionPreviewMapper, QueueProspectMapper, ProspectNumbersMapper, SchedulingProspectMapper, SchedulingSimulationMapper, SchedulingPolicyMapper, ClusterPolicyMapper, DefragmentationPlanMapper, DefragmentationMoveMapper } from '../mappers.ts';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** Opaque position in a list or a stream of events. */
  Cursor: { input: string; output: string; }
  /** RFC 3339, UTC. */
  DateTime: { input: string; output: Date | string; }
  /** Exact decimal, as a string. */
  Decimal: { input: string; output: string; }
  _FieldSet: { input: string; output: string; }
};

export type AdmissionPreview = {
  __typename?: 'AdmissionPreview';
  /** As of when the cluster was as it was asked. */
  asOf: Scalars['DateTime']['output'];
  /** What would start now in its place. */
  changes: Array<AdmittingChange>;
  /** Where it would be sent. */
  cluster: Cluster;
  estimateSureness: StartSureness;
  estimatedStart?: Maybe<Scalars['DateTime']['output']>;
  numbers?: Maybe<PendingNumbers>;
  /** null where it is not known where it would start. */
  placement?: Maybe<PreviewPlacement>;
  /** What metering prices it by. */
  pricing: Scalars['ID']['output'];
  /** Code and words as in PendingReason; null where it would start now. */
  reason?: Maybe<PreviewReason>;
  /** Running jobs that would be stopped for it. */
  stops: Scalars['Int']['output'];
  verdict: AdmissionVerdict;
};

/** As SubmitJobInput, without what does not matter for a place. */
export type AdmissionPreviewInput = {
  class?: InputMaybe<JobClass>;
  maxRuntimeSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Of an elastic job: as in submitJob. */
  minCount?: InputMaybe<Scalars['Int']['input']>;
  preemptible?: InputMaybe<Scalars['Boolean']['input']>;
  priorityClass?: InputMaybe<Scalars['String']['input']>;
  projectId: Scalars['ID']['input'];
  queue: Scalars['String']['input'];
  replicas?: InputMaybe<Scalars['Int']['input']>;
  resources: AskedResourcesInput;
};

export type AdmissionPreviewPayload = {
  __typename?: 'AdmissionPreviewPayload';
  /** null where refused. */
  preview?: Maybe<AdmissionPreview>;
  userErrors: Array<UserError>;
};

export type AdmissionVerdict =
  /** However long it waited. */
  | 'NEVER'
  /** Others are stopped for it; it starts when they have ended. */
  | 'STARTS_AFTER_PREEMPTION'
  | 'STARTS_NOW'
  | 'WAITS';

export type AdmittingChange = {
  __typename?: 'AdmittingChange';
  /** The new value of what changes: pods, GPUs of a pod, share, cores, MiB, seconds; of quota how much more. */
  amount?: Maybe<Scalars['Decimal']['output']>;
  /** MORE_QUOTA: in which flavor, and of what. */
  flavor?: Maybe<Scalars['String']['output']>;
  kind: AdmittingChangeKind;
  message: Scalars['String']['output'];
  /** OTHER_MODEL: which. */
  model?: Maybe<Scalars['String']['output']>;
  /** OTHER_QUEUE, MORE_QUOTA: of which; null where you do not see it. */
  queue?: Maybe<Queue>;
  resource?: Maybe<QueueResource>;
};

export type AdmittingChangeKind =
  | 'FEWER_GPUS'
  | 'FEWER_PODS'
  | 'LESS_CPU'
  | 'LESS_MEMORY'
  | 'MORE_QUOTA'
  | 'OTHER_MODEL'
  | 'OTHER_QUEUE'
  /** A maxRuntimeSeconds that ends before those start for whom places are kept. */
  | 'SHORTER_RUN'
  | 'SMALLER_SHARE';

export type ApplySchedulingPolicyInput = {
  /** null: all there are. */
  clusterIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type ApplySchedulingPolicyPayload = {
  __typename?: 'ApplySchedulingPolicyPayload';
  /** Those for which it is another wish than before; empty where refused or only tried (dryRun). */
  clusters: Array<Cluster>;
  userErrors: Array<UserError>;
};

/** Either `count` or `share`. */
export type AskedGpuInput = {
  count?: InputMaybe<Scalars['Int']['input']>;
  memoryMiB?: InputMaybe<Scalars['Int']['input']>;
  models?: InputMaybe<Array<Scalars['String']['input']>>;
  share?: InputMaybe<Scalars['Decimal']['input']>;
};

/** Of one pod. */
export type AskedResourcesInput = {
  cpu?: InputMaybe<Scalars['Decimal']['input']>;
  gpu?: InputMaybe<AskedGpuInput>;
  memoryMiB?: InputMaybe<Scalars['Int']['input']>;
};

/** A Kubernetes cluster whose agent has said hello. */
export type Cluster = Node & {
  __typename?: 'Cluster';
  id: Scalars['ID']['output'];
  kubernetesVersion: Scalars['String']['output'];
  name: Scalars['String']['output'];
  nodePools: NodePoolConnection;
  registeredAt: Scalars['DateTime']['output'];
  /** Operators; null to all others, and where none was ever applied from here. */
  schedulingPolicy?: Maybe<ClusterPolicy>;
};


/** A Kubernetes cluster whose agent has said hello. */
export type ClusterNodePoolsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

export type ClusterConnection = {
  __typename?: 'ClusterConnection';
  edges: Array<ClusterEdge>;
  pageInfo: PageInfo;
};

export type ClusterEdge = {
  __typename?: 'ClusterEdge';
  cursor: Scalars['String']['output'];
  node: Cluster;
};

/** Which scheduling policy a cluster should have, and which it has. */
export type ClusterPolicy = {
  __typename?: 'ClusterPolicy';
  appliedAt: Scalars['DateTime']['output'];
  appliedBy: Scalars['String']['output'];
  desired: SchedulingPolicy;
  /** Grows with each that is applied. */
  desiredGeneration: Scalars['Int']['output'];
  /** The cluster's scheduler follows what is desired. */
  isFollowed: Scalars['Boolean']['output'];
  /** Of what the cluster has; null: nothing that was applied from here. */
  observedGeneration?: Maybe<Scalars['Int']['output']>;
  /** What rollBackSchedulingPolicy goes back to; null: it was the first. */
  previous?: Maybe<SchedulingPolicy>;
};

export type CreateJoinTokenInput = {
  /** Name of the cluster: a DNS label. */
  cluster: Scalars['String']['input'];
  /** Decide only: store nothing. */
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  /** Same key, same input: the first result again, without the token. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** How long a cluster may join with it: 60 to 2,592,000. Agents that have joined need it no more. */
  lifetimeSeconds?: InputMaybe<Scalars['Int']['input']>;
};

export type CreateJoinTokenPayload = {
  __typename?: 'CreateJoinTokenPayload';
  /** null where refused or only tried (dryRun). */
  joinToken?: Maybe<JoinToken>;
  /** To be given to the agent as its token. */
  token?: Maybe<Scalars['String']['output']>;
  userErrors: Array<UserError>;
};

export type CreateQueueInput = {
  /** Decide only: store nothing. */
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  flavorFungibility?: InputMaybe<FlavorFungibilityInput>;
  /** Same key, same input: the first result again. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** 0 to 31,536,000; where left out: 0. */
  minRuntimeSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** DNS label: lower-case letters, digits and '-', at most 63; unique among shared queues, or in its tenant. */
  name: Scalars['String']['input'];
  /** null: a root, which only operators create. */
  parentId?: InputMaybe<Scalars['ID']['input']>;
  /** Where left out: BEST_EFFORT_FIFO. */
  queueingStrategy?: InputMaybe<QueueingStrategy>;
  quotas?: InputMaybe<Array<QueueQuotaInput>>;
  /** Where left out: NONE. */
  stopPolicy?: InputMaybe<StopPolicy>;
  /** null: shared by all tenants. */
  tenantId?: InputMaybe<Scalars['ID']['input']>;
  /** 60 to 31,536,000, for a root; null: only what is held counts in shares. */
  usageHalfLifeSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Share among siblings, above 0. */
  weight?: InputMaybe<Scalars['Decimal']['input']>;
};

export type CreateQueuePayload = {
  __typename?: 'CreateQueuePayload';
  /** null where refused or only tried (dryRun). */
  queue?: Maybe<Queue>;
  userErrors: Array<UserError>;
};

/** What is left out is as clusters have it by default. */
export type CreateSchedulingPolicyInput = {
  /** 60 to 31,536,000. */
  agingSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Why: at most 500 characters. */
  comment: Scalars['String']['input'];
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  gangStart?: InputMaybe<GangStartInput>;
  highestClasses?: InputMaybe<Array<HighestClassInput>>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  requeue?: InputMaybe<RequeueInput>;
  requireEnforcement?: InputMaybe<Array<ShareEnforcement>>;
  stops?: InputMaybe<Array<NodeStopInput>>;
  topologyLevels?: InputMaybe<Array<TopologyLevelInput>>;
};

export type CreateSchedulingPolicyPayload = {
  __typename?: 'CreateSchedulingPolicyPayload';
  /** null where refused or only tried (dryRun). */
  schedulingPolicy?: Maybe<SchedulingPolicy>;
  userErrors: Array<UserError>;
};

export type DefragmentationInput = {
  /** null: of the first cluster. */
  clusterId?: InputMaybe<Scalars['ID']['input']>;
  /** Room for this job, which waits; otherwise for whole nodes. */
  jobId?: InputMaybe<Scalars['ID']['input']>;
  /** 1 to 10,000; null: as many as can be had. */
  wholeNodes?: InputMaybe<Scalars['Int']['input']>;
};

export type DefragmentationMove = {
  __typename?: 'DefragmentationMove';
  from: Array<PreviewNode>;
  lostGpuSeconds: Scalars['Float']['output'];
  queue?: Maybe<Queue>;
  to: Array<PreviewNode>;
  /** uid of the Job in its cluster. */
  uid: Scalars['String']['output'];
};

export type DefragmentationPayload = {
  __typename?: 'DefragmentationPayload';
  /** null where refused. */
  plan?: Maybe<DefragmentationPlan>;
  userErrors: Array<UserError>;
};

export type DefragmentationPlan = {
  __typename?: 'DefragmentationPlan';
  /** As of when the cluster was as it was asked. */
  asOf: Scalars['DateTime']['output'];
  cluster: Cluster;
  /** GPUs of these nodes, or that the job would get. */
  freesGpus: Scalars['Int']['output'];
  /** Nodes none of whose GPUs would be taken any more. */
  freesNodes: Array<Scalars['String']['output']>;
  /** Jobs that would move. */
  jobs: Scalars['Int']['output'];
  /** Work that would be done again. */
  lostGpuSeconds: Scalars['Float']['output'];
  /** All of them stop before any begins anew; empty where nothing can be gained. At most 1,000 are shown. */
  moves: Array<DefragmentationMove>;
  /** Their pods that would be on another node or device. */
  pods: Scalars['Int']['output'];
};

export type DeviceControl =
  | 'ANNOTATION'
  | 'COUNT'
  | 'DRA'
  | 'SIMULATED';

/** When a job goes on to a flavor that stands later in its queue's quotas. */
export type FlavorFungibility = {
  __typename?: 'FlavorFungibility';
  whenCanBorrow: FlavorSearch;
  whenCanPreempt: FlavorSearch;
};

export type FlavorFungibilityInput = {
  /** TRY_NEXT_FLAVOR: flavors in which nothing need be borrowed come first. Where left out: MAY_STOP_SEARCH. */
  whenCanBorrow?: InputMaybe<FlavorSearch>;
  /** MAY_STOP_SEARCH: others are stopped in a flavor before the next one is tried. Where left out: TRY_NEXT_FLAVOR. */
  whenCanPreempt?: InputMaybe<FlavorSearch>;
};

export type FlavorSearch =
  | 'MAY_STOP_SEARCH'
  | 'TRY_NEXT_FLAVOR';

/** All pods of an admitted gang may take baseSeconds + pods ÷ podsPerSecond to be created. */
export type GangStart = {
  __typename?: 'GangStart';
  baseSeconds: Scalars['Int']['output'];
  podsPerSecond: Scalars['Int']['output'];
};

export type GangStartInput = {
  baseSeconds: Scalars['Int']['input'];
  podsPerSecond: Scalars['Int']['input'];
};

export type Gpu = Node & {
  __typename?: 'Gpu';
  /** Decimal of the device that bound pods hold; 0 where the pool does not tell devices apart. */
  allocated: Scalars['Decimal']['output'];
  /** As the node reports it; NODE_NOT_READY while the node is not ready. */
  health: Scalars['String']['output'];
  id: Scalars['ID']['output'];
  /** On its node, from 0. */
  index: Scalars['Int']['output'];
  memoryMiB: Scalars['Int']['output'];
  model: Scalars['String']['output'];
  node: Scalars['String']['output'];
  nodePool?: Maybe<NodePool>;
  /** What keeps pods that share it to their share. */
  shareEnforcement: ShareEnforcement;
  /** Empty where the pool does not tell. */
  uuid: Scalars['String']['output'];
};

export type GpuConnection = {
  __typename?: 'GpuConnection';
  edges: Array<GpuEdge>;
  pageInfo: PageInfo;
};

export type GpuEdge = {
  __typename?: 'GpuEdge';
  cursor: Scalars['String']['output'];
  node: Gpu;
};

/** Every condition given must hold. */
export type GpuFilter = {
  /** true: healthy as far as its node tells, on a ready node, and not wholly allocated. */
  available?: InputMaybe<Scalars['Boolean']['input']>;
  clusterId?: InputMaybe<Scalars['ID']['input']>;
  health?: InputMaybe<Scalars['String']['input']>;
  /** Exact model. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Name of the node. */
  node?: InputMaybe<Scalars['String']['input']>;
  nodePoolId?: InputMaybe<Scalars['ID']['input']>;
};

/** Highest class that jobs of a tenant may have; without tenantId of all that have no row of their own. */
export type HighestClass = {
  __typename?: 'HighestClass';
  class: JobClass;
  tenantId?: Maybe<Scalars['ID']['output']>;
};

export type HighestClassInput = {
  class: JobClass;
  tenantId?: InputMaybe<Scalars['ID']['input']>;
};

export type JobClass =
  | 'BATCH'
  | 'INFERENCE'
  | 'INTERACTIVE'
  | 'TRAINING';

/** Lets the agent of one cluster join. */
export type JoinToken = {
  __typename?: 'JoinToken';
  /** Name of the cluster that may join with it. */
  cluster: Scalars['String']['output'];
  createdAt: Scalars['DateTime']['output'];
  createdBy: Scalars['String']['output'];
  expiresAt: Scalars['DateTime']['output'];
  id: Scalars['ID']['output'];
  revokedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When a cluster first joined with it; from then on it is that one's alone. */
  usedAt?: Maybe<Scalars['DateTime']['output']>;
};

export type JoinTokenConnection = {
  __typename?: 'JoinTokenConnection';
  edges: Array<JoinTokenEdge>;
  pageInfo: PageInfo;
};

export type JoinTokenEdge = {
  __typename?: 'JoinTokenEdge';
  cursor: Scalars['String']['output'];
  node: JoinToken;
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Operators. Clusters take it over as soon as their agents hear of it. */
  applySchedulingPolicy: ApplySchedulingPolicyPayload;
  /** Operators. The token is shown here and never again: only its hash is kept. */
  createJoinToken: CreateJoinTokenPayload;
  /** Operators; tenant administrators below a queue that they see, for their own tenant. */
  createQueue: CreateQueuePayload;
  /** Operators. Changes no cluster: try it with simulateScheduling(policyId), then apply it. */
  createSchedulingPolicy: CreateSchedulingPolicyPayload;
  /** Operators. Ends what agents have got for it too, as soon as their access token of ten minutes runs out. */
  revokeJoinToken: RevokeJoinTokenPayload;
  /** Operators. Each cluster goes back to what was applied to it before; once more, and it goes back further. */
  rollBackSchedulingPolicy: ApplySchedulingPolicyPayload;
  updateQueue: UpdateQueuePayload;
};


export type MutationApplySchedulingPolicyArgs = {
  input: ApplySchedulingPolicyInput;
};


export type MutationCreateJoinTokenArgs = {
  input: CreateJoinTokenInput;
};


export type MutationCreateQueueArgs = {
  input: CreateQueueInput;
};


export type MutationCreateSchedulingPolicyArgs = {
  input: CreateSchedulingPolicyInput;
};


export type MutationRevokeJoinTokenArgs = {
  input: RevokeJoinTokenInput;
};


export type MutationRollBackSchedulingPolicyArgs = {
  input: RollBackSchedulingPolicyInput;
};


export type MutationUpdateQueueArgs = {
  input: UpdateQueueInput;
};

export type Node = {
  id: Scalars['ID']['output'];
};

/** Nodes of one kind in one cluster. */
export type NodePool = Node & {
  __typename?: 'NodePool';
  /** Sum of the shares that bound pods hold, in devices. */
  allocatedGpus: Scalars['Decimal']['output'];
  cluster?: Maybe<Cluster>;
  /** Who chooses the devices of a pod. */
  deviceControl: DeviceControl;
  /** What quotas name. */
  flavor: Scalars['String']['output'];
  gpuCount: Scalars['Int']['output'];
  /** null: no GPUs. */
  gpuModel?: Maybe<Scalars['String']['output']>;
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  nodeCount: Scalars['Int']['output'];
};

export type NodePoolConnection = {
  __typename?: 'NodePoolConnection';
  edges: Array<NodePoolEdge>;
  pageInfo: PageInfo;
};

export type NodePoolEdge = {
  __typename?: 'NodePoolEdge';
  cursor: Scalars['String']['output'];
  node: NodePool;
};

/** Nodes that get no new pods; where neither node nor pool is named, all. */
export type NodeStop = {
  __typename?: 'NodeStop';
  node?: Maybe<Scalars['String']['output']>;
  pool?: Maybe<Scalars['String']['output']>;
  stopPolicy: StopPolicy;
};

export type NodeStopInput = {
  node?: InputMaybe<Scalars['String']['input']>;
  pool?: InputMaybe<Scalars['String']['input']>;
  stopPolicy: StopPolicy;
};

export type PageInfo = {
  __typename?: 'PageInfo';
  endCursor?: Maybe<Scalars['String']['output']>;
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** Of the resource that is short: GPUs, cores or MiB. */
export type PendingNumbers = {
  __typename?: 'PendingNumbers';
  /** By all pods of the job. */
  asked: Scalars['Decimal']['output'];
  /** Most that is free on one node, or of a share on one device; null where quota is short. */
  biggestHole?: Maybe<Scalars['Decimal']['output']>;
  /** On all nodes that would do; where quota is short, of that. */
  free: Scalars['Decimal']['output'];
  resource: QueueResource;
};

/** Why a job waits, as it stands in its cluster now; nulls where the cluster has not told of it yet. */
export type PendingReason = {
  __typename?: 'PendingReason';
  /** What would have it admitted now, each planned among all other jobs; the smallest first, its own before others'. */
  changes?: Maybe<Array<AdmittingChange>>;
  estimateSureness?: Maybe<StartSureness>;
  /** null: nobody can say. */
  estimatedStart?: Maybe<Scalars['DateTime']['output']>;
  numbers?: Maybe<PendingNumbers>;
  workload: Scalars['ID']['output'];
};

export type PreviewNode = {
  __typename?: 'PreviewNode';
  name: Scalars['String']['output'];
  pods: Scalars['Int']['output'];
};

export type PreviewPlacement = {
  __typename?: 'PreviewPlacement';
  flavor: Scalars['String']['output'];
  gpuModel?: Maybe<Scalars['String']['output']>;
  /** At most 100. */
  nodes: Array<PreviewNode>;
};

export type PreviewReason = {
  __typename?: 'PreviewReason';
  code: Scalars['String']['output'];
  fix: Scalars['String']['output'];
  message: Scalars['String']['output'];
};

export type ProspectNumbers = {
  __typename?: 'ProspectNumbers';
  longestWaitSeconds?: Maybe<Scalars['Float']['output']>;
  /** From now on, of those that start; null where none does. */
  meanWaitSeconds?: Maybe<Scalars['Float']['output']>;
  start: Scalars['Int']['output'];
  /** Of them, those that start now, and until the horizon. */
  startNow: Scalars['Int']['output'];
  /** Running jobs that are stopped for others. */
  stopped: Scalars['Int']['output'];
  /** Held by the queue's own jobs after those have started that start now. */
  usedGpus: Scalars['Decimal']['output'];
  /** Jobs that wait now. */
  waiting: Scalars['Int']['output'];
};

export type Query = {
  __typename?: 'Query';
  /**
   * What would become of a job if it were submitted now, asked of the scheduler's own plan on what its cluster told last.
   * Nothing is stored.
   */
  admissionPreview: AdmissionPreviewPayload;
  /** In the order of registration. */
  clusters: ClusterConnection;
  /** Operators. Which running jobs could stop and begin anew elsewhere, what that would free, and what it would cost. A preview: nothing moves. */
  defragmentationPlan: DefragmentationPayload;
  gpus: GpuConnection;
  /** Operators. Newest last. */
  joinTokens: JoinTokenConnection;
  nodePools: NodePoolConnection;
  queue?: Maybe<Queue>;
  /**
   * Operators: every queue; members: shared queues and their tenant's.
   * With tenantId: only that tenant's own.
   */
  queues: QueueConnection;
  /** Operators. Newest last. */
  schedulingPolicies: SchedulingPolicyConnection;
  /**
   * What changes would do to waits and shares, by planning ahead with them and without. Operators: of anything; tenant
   * administrators: of their tenant's queues and of added jobs, and are shown their own queues and the totals.
   */
  simulateScheduling: SimulateSchedulingPayload;
};


export type QueryAdmissionPreviewArgs = {
  input: AdmissionPreviewInput;
};


export type QueryClustersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryDefragmentationPlanArgs = {
  input: DefragmentationInput;
};


export type QueryGpusArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<GpuFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryJoinTokensArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryNodePoolsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  clusterId?: InputMaybe<Scalars['ID']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryQueueArgs = {
  id: Scalars['ID']['input'];
};


export type QueryQueuesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  tenantId?: InputMaybe<Scalars['ID']['input']>;
};


export type QuerySchedulingPoliciesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QuerySimulateSchedulingArgs = {
  input: SimulateSchedulingInput;
};

/** A node of the queue tree: jobs wait in it for quota. */
export type Queue = Node & {
  __typename?: 'Queue';
  /** Jobs holding quota. */
  admitted: Scalars['Int']['output'];
  /** Subscribe to queueEvents after it, and nothing since this answer is missed. */
  eventsCursor: Scalars['Cursor']['output'];
  flavorFungibility: FlavorFungibility;
  /**
   * What its own jobs hold and ask, and what of its own quota others have, by flavor and resource; flavor '*' is all of
   * them. Told every few seconds; empty until a cluster has.
   */
  flavorsUsage: Array<QueueUsage>;
  /** Grows with each change; updateQueue checks it. */
  generation: Scalars['Int']['output'];
  /** How it stood, a sample for each minute in which something changed, the oldest first; kept for seven days. */
  history: QueueSampleConnection;
  id: Scalars['ID']['output'];
  /** How long its jobs run before they may be stopped to make room for others. */
  minRuntimeSeconds: Scalars['Int']['output'];
  name: Scalars['String']['output'];
  parent?: Maybe<Queue>;
  /** Jobs waiting in this very queue. */
  pending: Scalars['Int']['output'];
  /** Devices that waiting jobs ask for. */
  pendingGpus: Scalars['Decimal']['output'];
  queueingStrategy: QueueingStrategy;
  /** Empty: bounded by the ancestors alone. */
  quotas: Array<QueueQuota>;
  stopPolicy: StopPolicy;
  /** null: shared by all tenants. */
  tenant?: Maybe<Tenant>;
  /** Of the cluster with the oldest figures among `flavorsUsage`. */
  usageAsOf?: Maybe<Scalars['DateTime']['output']>;
  /** Of a root: how old usage is when half of it counts in the shares of its tree. null: only what is held counts. */
  usageHalfLifeSeconds?: Maybe<Scalars['Int']['output']>;
  /** Devices held by jobs of this very queue. */
  usedGpus: Scalars['Decimal']['output'];
  /** Share among siblings. */
  weight: Scalars['Decimal']['output'];
  /**
   * What it holds with all below it beyond its nominal quota ÷ all there is of the resource of which it has most ÷ weight:
   * among siblings the lowest goes first. With several clusters the highest.
   */
  weightedShare?: Maybe<Scalars['Float']['output']>;
};


/** A node of the queue tree: jobs wait in it for quota. */
export type QueueHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  since?: InputMaybe<Scalars['DateTime']['input']>;
};

export type QueueConnection = {
  __typename?: 'QueueConnection';
  edges: Array<QueueEdge>;
  pageInfo: PageInfo;
};

export type QueueEdge = {
  __typename?: 'QueueEdge';
  cursor: Scalars['String']['output'];
  node: Queue;
};

export type QueueEvent = {
  __typename?: 'QueueEvent';
  admitted?: Maybe<Scalars['Int']['output']>;
  at: Scalars['DateTime']['output'];
  cursor: Scalars['Cursor']['output'];
  pending?: Maybe<Scalars['Int']['output']>;
  pendingGpus?: Maybe<Scalars['Decimal']['output']>;
  queue?: Maybe<Queue>;
  type: QueueEventType;
  usedGpus?: Maybe<Scalars['Decimal']['output']>;
};

export type QueueEventType =
  | 'CREATED'
  | 'LAGGED'
  /** The numbers changed. */
  | 'OBSERVED'
  | 'UPDATED';

export type QueueProspect = {
  __typename?: 'QueueProspect';
  numbers: ProspectNumbers;
  queue: Queue;
  /** After those have started that start now. */
  weightedShare: Scalars['Float']['output'];
};

export type QueueQuota = {
  __typename?: 'QueueQuota';
  /** Beyond nominalQuota, from what siblings leave idle. null: no limit but the parent's. */
  borrowingLimit?: Maybe<Scalars['Decimal']['output']>;
  /** Node pool's flavor; '*' is any. */
  flavor: Scalars['String']['output'];
  /** Of nominalQuota, what siblings may borrow. null: all. */
  lendingLimit?: Maybe<Scalars['Decimal']['output']>;
  /** GPUs, cores or MiB. */
  nominalQuota: Scalars['Decimal']['output'];
  resource: QueueResource;
};

export type QueueQuotaInput = {
  borrowingLimit?: InputMaybe<Scalars['Decimal']['input']>;
  flavor: Scalars['String']['input'];
  lendingLimit?: InputMaybe<Scalars['Decimal']['input']>;
  nominalQuota: Scalars['Decimal']['input'];
  resource: QueueResource;
};

export type QueueResource =
  | 'CPU'
  | 'GPU'
  | 'MEMORY';

export type QueueSample = {
  __typename?: 'QueueSample';
  admitted: Scalars['Int']['output'];
  at: Scalars['DateTime']['output'];
  flavorsUsage: Array<QueueUsage>;
  pending: Scalars['Int']['output'];
  weightedShare: Scalars['Float']['output'];
};

export type QueueSampleConnection = {
  __typename?: 'QueueSampleConnection';
  edges: Array<QueueSampleEdge>;
  pageInfo: PageInfo;
};

export type QueueSampleEdge = {
  __typename?: 'QueueSampleEdge';
  cursor: Scalars['String']['output'];
  node: QueueSample;
};

/** In GPUs, cores or MiB. */
export type QueueUsage = {
  __typename?: 'QueueUsage';
  /** Used beyond nominal; 0 where nobody in the tree has a quota here. */
  borrowed: Scalars['Decimal']['output'];
  /** Node pool's flavor; '*' is any. */
  flavor: Scalars['String']['output'];
  /** Of nominal, what others of the tree use: their borrowing in proportion to what each lender leaves idle. */
  lent: Scalars['Decimal']['output'];
  /** null: it has no quota here. */
  nominal?: Maybe<Scalars['Decimal']['output']>;
  /** What its waiting jobs ask; under '*' alone, as they have no flavor yet. */
  pending: Scalars['Decimal']['output'];
  /** Of lent, what it could have back at once, as the jobs that hold it may be stopped. */
  reclaimable: Scalars['Decimal']['output'];
  resource: QueueResource;
  /** By jobs of this very queue. */
  used: Scalars['Decimal']['output'];
};

/** Whether a job that finds no room lets those behind it try. */
export type QueueingStrategy =
  | 'BEST_EFFORT_FIFO'
  /** Nobody goes before the first job of the queue, unless that could never start. */
  | 'STRICT_FIFO';

/** After a gang had to be suspended again. */
export type Requeue = {
  __typename?: 'Requeue';
  avoidNodeSeconds: Scalars['Int']['output'];
  firstBackoffSeconds: Scalars['Int']['output'];
  lastBackoffSeconds: Scalars['Int']['output'];
};

export type RequeueInput = {
  avoidNodeSeconds: Scalars['Int']['input'];
  firstBackoffSeconds: Scalars['Int']['input'];
  lastBackoffSeconds: Scalars['Int']['input'];
};

export type RevokeJoinTokenInput = {
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type RevokeJoinTokenPayload = {
  __typename?: 'RevokeJoinTokenPayload';
  /** null where refused or only tried (dryRun). */
  joinToken?: Maybe<JoinToken>;
  userErrors: Array<UserError>;
};

export type RollBackSchedulingPolicyInput = {
  /** null: all that have had another before. */
  clusterIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** How clusters schedule, as an operator has written it; never changed afterwards. */
export type SchedulingPolicy = {
  __typename?: 'SchedulingPolicy';
  /** A job that has waited so long goes before all priorities. */
  agingSeconds: Scalars['Int']['output'];
  comment: Scalars['String']['output'];
  createdAt: Scalars['DateTime']['output'];
  createdBy: Scalars['String']['output'];
  gangStart: GangStart;
  highestClasses: Array<HighestClass>;
  id: Scalars['ID']['output'];
  requeue: Requeue;
  /** Shares of a device go only where one of these keeps them to their size; empty: anywhere. */
  requireEnforcement: Array<ShareEnforcement>;
  stops: Array<NodeStop>;
  /** Outermost first. */
  topologyLevels: Array<TopologyLevel>;
};

export type SchedulingPolicyConnection = {
  __typename?: 'SchedulingPolicyConnection';
  edges: Array<SchedulingPolicyEdge>;
  pageInfo: PageInfo;
};

export type SchedulingPolicyEdge = {
  __typename?: 'SchedulingPolicyEdge';
  cursor: Scalars['String']['output'];
  node: SchedulingPolicy;
};

export type SchedulingProspect = {
  __typename?: 'SchedulingProspect';
  /** Those that you see, and in which something waits or runs. */
  queues: Array<QueueProspect>;
  /** Of all queues, other tenants' among them. */
  total: ProspectNumbers;
  /** How far was looked: less than the horizon where nothing more would change, or time ran out. */
  until: Scalars['DateTime']['output'];
};

export type SchedulingSimulation = {
  __typename?: 'SchedulingSimulation';
  /** With all of it. */
  after: SchedulingProspect;
  /** As of when the cluster was as it was asked. */
  asOf: Scalars['DateTime']['output'];
  /** With the added jobs alone. */
  before: SchedulingProspect;
  cluster: Cluster;
};

export type ShareEnforcement =
  /** Partitioned by a DRA driver. */
  | 'DRA'
  /** HAMi-core, which bounds what a process may use. */
  | 'HAMI_CORE'
  /** Cut in hardware. */
  | 'MIG'
  /** CUDA MPS with limits. */
  | 'MPS'
  /** Nothing does. */
  | 'NONE';

export type SimulateSchedulingInput = {
  /** At most 20 kinds, 1,000 nodes of each. */
  addNodes?: InputMaybe<Array<SimulatedNodesInput>>;
  /** As order.agingSeconds of the cluster's policy. */
  agingSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** null: of the first cluster. */
  clusterId?: InputMaybe<Scalars['ID']['input']>;
  /** Names of nodes that take no new pods; what runs there runs on. At most 1,000. */
  cordonNodes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** How far to look ahead: 60 to 2,592,000. */
  horizonSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Jobs that come beside those that wait: at most 20 kinds. */
  jobs?: InputMaybe<Array<SimulatedJobsInput>>;
  /** A scheduling policy: its agingSeconds, and its stops as nodes that take no new pods. */
  policyId?: InputMaybe<Scalars['ID']['input']>;
  /** At most 100; what is left out of one stays as it is. */
  queues?: InputMaybe<Array<SimulatedQueueInput>>;
};

export type SimulateSchedulingPayload = {
  __typename?: 'SimulateSchedulingPayload';
  /** null where refused. */
  simulation?: Maybe<SchedulingSimulation>;
  userErrors: Array<UserError>;
};

export type SimulatedJobsInput = {
  /** 1 to 500. */
  count?: InputMaybe<Scalars['Int']['input']>;
  job: AdmissionPreviewInput;
};

/** Empty ones, like those that there are of the flavor. */
export type SimulatedNodesInput = {
  count: Scalars['Int']['input'];
  flavor: Scalars['String']['input'];
};

export type SimulatedQueueInput = {
  id: Scalars['ID']['input'];
  minRuntimeSeconds?: InputMaybe<Scalars['Int']['input']>;
  queueingStrategy?: InputMaybe<QueueingStrategy>;
  quotas?: InputMaybe<Array<QueueQuotaInput>>;
  stopPolicy?: InputMaybe<StopPolicy>;
  weight?: InputMaybe<Scalars['Decimal']['input']>;
};

/** How sure it is when a job starts. */
export type StartSureness =
  /** If all who have declared an end run up to it, and nobody comes who goes before. */
  | 'EXPECTED'
  /** An end in its way has not been declared, or is more than 30 days away. */
  | 'NONE'
  /** The next plan starts it. */
  | 'NOW'
  /** Places are kept for it; it starts by then. */
  | 'RESERVED';

/** Holds for the queue and for all below it. */
export type StopPolicy =
  /** Nothing is admitted; what runs goes on. */
  | 'HOLD'
  /** Nothing is admitted, and what runs is stopped and waits again in its old place. */
  | 'HOLD_AND_DRAIN'
  | 'NONE';

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Changes of a queue and of its numbers. No `after`: from now on. `after`: everything since, once, in order, then live.
   * A reader that is too slow gets type LAGGED, whose cursor is where to resume.
   */
  queueEvents: QueueEvent;
};


export type SubscriptionQueueEventsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  queueId: Scalars['ID']['input'];
};

export type Tenant = {
  __typename?: 'Tenant';
  id: Scalars['ID']['output'];
};

export type TopologyLevel = {
  __typename?: 'TopologyLevel';
  name: Scalars['String']['output'];
  nodeLabel: Scalars['String']['output'];
};

export type TopologyLevelInput = {
  name: Scalars['String']['input'];
  nodeLabel: Scalars['String']['input'];
};

/** What is left out stays as it is. */
export type UpdateQueueInput = {
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  /** The generation that the change was made against. */
  expectedGeneration: Scalars['Int']['input'];
  flavorFungibility?: InputMaybe<FlavorFungibilityInput>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** 0 to 31,536,000. */
  minRuntimeSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Fixed: accepted only unchanged. */
  name?: InputMaybe<Scalars['String']['input']>;
  parentId?: InputMaybe<Scalars['ID']['input']>;
  queueingStrategy?: InputMaybe<QueueingStrategy>;
  quotas?: InputMaybe<Array<QueueQuotaInput>>;
  stopPolicy?: InputMaybe<StopPolicy>;
  /** Fixed: accepted only unchanged. */
  tenantId?: InputMaybe<Scalars['ID']['input']>;
  /** 60 to 31,536,000, for a root; null: only what is held counts in shares. */
  usageHalfLifeSeconds?: InputMaybe<Scalars['Int']['input']>;
  weight?: InputMaybe<Scalars['Decimal']['input']>;
};

export type UpdateQueuePayload = {
  __typename?: 'UpdateQueuePayload';
  /** null where refused or only tried (dryRun). */
  queue?: Maybe<Queue>;
  userErrors: Array<UserError>;
};

/** A refusal that the caller can mend. */
export type UserError = {
  __typename?: 'UserError';
  /** Stable: programs branch on it. */
  code: Scalars['String']['output'];
  /** Path in the input, where one field is to blame. */
  field?: Maybe<Array<Scalars['String']['output']>>;
  /** What to do about it. */
  fix?: Maybe<Scalars['String']['output']>;
  message: Scalars['String']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  AdmissionPreview: AdmissionPreview;
  Cluster: Cluster;
  Gpu: Gpu;
  NodePool: NodePool;
  PendingReason: PendingReason;
  Queue: Queue;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  AdmissionPreview:
    ( { __typename: 'AdmissionPreview' }
    & GraphQLRecursivePick<FederationTypes['AdmissionPreview'], {"pricing":true}> );
  Cluster:
    ( { __typename: 'Cluster' }
    & GraphQLRecursivePick<FederationTypes['Cluster'], {"id":true}> );
  Gpu:
    ( { __typename: 'Gpu' }
    & GraphQLRecursivePick<FederationTypes['Gpu'], {"id":true}> );
  NodePool:
    ( { __typename: 'NodePool' }
    & GraphQLRecursivePick<FederationTypes['NodePool'], {"id":true}> );
  PendingReason:
    ( { __typename: 'PendingReason' }
    & GraphQLRecursivePick<FederationTypes['PendingReason'], {"workload":true}> );
  Queue:
    ( { __typename: 'Queue' }
    & GraphQLRecursivePick<FederationTypes['Queue'], {"id":true}> );
};


/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( ClusterMapper )
    | ( GpuMapper )
    | ( NodePoolMapper )
    | ( QueueMapper )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AdmissionPreview: ResolverTypeWrapper<AdmissionPreviewMapper>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  AdmissionPreviewInput: AdmissionPreviewInput;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  AdmissionPreviewPayload: ResolverTypeWrapper<Omit<AdmissionPreviewPayload, 'preview'> & { preview?: Maybe<ResolversTypes['AdmissionPreview']> }>;
  AdmissionVerdict: AdmissionVerdict;
  AdmittingChange: ResolverTypeWrapper<AdmittingChangeMapper>;
  AdmittingChangeKind: AdmittingChangeKind;
  ApplySchedulingPolicyInput: ApplySchedulingPolicyInput;
  ApplySchedulingPolicyPayload: ResolverTypeWrapper<Omit<ApplySchedulingPolicyPayload, 'clusters'> & { clusters: Array<ResolversTypes['Cluster']> }>;
  AskedGpuInput: AskedGpuInput;
  AskedResourcesInput: AskedResourcesInput;
  Cluster: ResolverTypeWrapper<ClusterMapper>;
  ClusterConnection: ResolverTypeWrapper<Omit<ClusterConnection, 'edges'> & { edges: Array<ResolversTypes['ClusterEdge']> }>;
  ClusterEdge: ResolverTypeWrapper<Omit<ClusterEdge, 'node'> & { node: ResolversTypes['Cluster'] }>;
  ClusterPolicy: ResolverTypeWrapper<ClusterPolicyMapper>;
  CreateJoinTokenInput: CreateJoinTokenInput;
  CreateJoinTokenPayload: ResolverTypeWrapper<Omit<CreateJoinTokenPayload, 'joinToken'> & { joinToken?: Maybe<ResolversTypes['JoinToken']> }>;
  CreateQueueInput: CreateQueueInput;
  CreateQueuePayload: ResolverTypeWrapper<Omit<CreateQueuePayload, 'queue'> & { queue?: Maybe<ResolversTypes['Queue']> }>;
  CreateSchedulingPolicyInput: CreateSchedulingPolicyInput;
  CreateSchedulingPolicyPayload: ResolverTypeWrapper<Omit<CreateSchedulingPolicyPayload, 'schedulingPolicy'> & { schedulingPolicy?: Maybe<ResolversTypes['SchedulingPolicy']> }>;
  Cursor: ResolverTypeWrapper<Scalars['Cursor']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Decimal: ResolverTypeWrapper<Scalars['Decimal']['output']>;
  DefragmentationInput: DefragmentationInput;
  DefragmentationMove: ResolverTypeWrapper<DefragmentationMoveMapper>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  DefragmentationPayload: ResolverTypeWrapper<Omit<DefragmentationPayload, 'plan'> & { plan?: Maybe<ResolversTypes['DefragmentationPlan']> }>;
  DefragmentationPlan: ResolverTypeWrapper<DefragmentationPlanMapper>;
  DeviceControl: DeviceControl;
  FlavorFungibility: ResolverTypeWrapper<FlavorFungibility>;
  FlavorFungibilityInput: FlavorFungibilityInput;
  FlavorSearch: FlavorSearch;
  GangStart: ResolverTypeWrapper<GangStart>;
  GangStartInput: GangStartInput;
  Gpu: ResolverTypeWrapper<GpuMapper>;
  GpuConnection: ResolverTypeWrapper<Omit<GpuConnection, 'edges'> & { edges: Array<ResolversTypes['GpuEdge']> }>;
  GpuEdge: ResolverTypeWrapper<Omit<GpuEdge, 'node'> & { node: ResolversTypes['Gpu'] }>;
  GpuFilter: GpuFilter;
  HighestClass: ResolverTypeWrapper<HighestClass>;
  HighestClassInput: HighestClassInput;
  JobClass: JobClass;
  JoinToken: ResolverTypeWrapper<JoinTokenMapper>;
  JoinTokenConnection: ResolverTypeWrapper<Omit<JoinTokenConnection, 'edges'> & { edges: Array<ResolversTypes['JoinTokenEdge']> }>;
  JoinTokenEdge: ResolverTypeWrapper<Omit<JoinTokenEdge, 'node'> & { node: ResolversTypes['JoinToken'] }>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  NodePool: ResolverTypeWrapper<NodePoolMapper>;
  NodePoolConnection: ResolverTypeWrapper<Omit<NodePoolConnection, 'edges'> & { edges: Array<ResolversTypes['NodePoolEdge']> }>;
  NodePoolEdge: ResolverTypeWrapper<Omit<NodePoolEdge, 'node'> & { node: ResolversTypes['NodePool'] }>;
  NodeStop: ResolverTypeWrapper<NodeStop>;
  NodeStopInput: NodeStopInput;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PendingNumbers: ResolverTypeWrapper<PendingNumbersMapper>;
  PendingReason: ResolverTypeWrapper<PendingReasonMapper>;
  PreviewNode: ResolverTypeWrapper<PreviewNode>;
  PreviewPlacement: ResolverTypeWrapper<PreviewPlacement>;
  PreviewReason: ResolverTypeWrapper<PreviewReason>;
  ProspectNumbers: ResolverTypeWrapper<ProspectNumbersMapper>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Queue: ResolverTypeWrapper<QueueMapper>;
  QueueConnection: ResolverTypeWrapper<Omit<QueueConnection, 'edges'> & { edges: Array<ResolversTypes['QueueEdge']> }>;
  QueueEdge: ResolverTypeWrapper<Omit<QueueEdge, 'node'> & { node: ResolversTypes['Queue'] }>;
  QueueEvent: ResolverTypeWrapper<QueueEventMapper>;
  QueueEventType: QueueEventType;
  QueueProspect: ResolverTypeWrapper<QueueProspectMapper>;
  QueueQuota: ResolverTypeWrapper<QueueQuota>;
  QueueQuotaInput: QueueQuotaInput;
  QueueResource: QueueResource;
  QueueSample: ResolverTypeWrapper<QueueSampleMapper>;
  QueueSampleConnection: ResolverTypeWrapper<Omit<QueueSampleConnection, 'edges'> & { edges: Array<ResolversTypes['QueueSampleEdge']> }>;
  QueueSampleEdge: ResolverTypeWrapper<Omit<QueueSampleEdge, 'node'> & { node: ResolversTypes['QueueSample'] }>;
  QueueUsage: ResolverTypeWrapper<QueueUsageMapper>;
  QueueingStrategy: QueueingStrategy;
  Requeue: ResolverTypeWrapper<Requeue>;
  RequeueInput: RequeueInput;
  RevokeJoinTokenInput: RevokeJoinTokenInput;
  RevokeJoinTokenPayload: ResolverTypeWrapper<Omit<RevokeJoinTokenPayload, 'joinToken'> & { joinToken?: Maybe<ResolversTypes['JoinToken']> }>;
  RollBackSchedulingPolicyInput: RollBackSchedulingPolicyInput;
  SchedulingPolicy: ResolverTypeWrapper<SchedulingPolicyMapper>;
  SchedulingPolicyConnection: ResolverTypeWrapper<Omit<SchedulingPolicyConnection, 'edges'> & { edges: Array<ResolversTypes['SchedulingPolicyEdge']> }>;
  SchedulingPolicyEdge: ResolverTypeWrapper<Omit<SchedulingPolicyEdge, 'node'> & { node: ResolversTypes['SchedulingPolicy'] }>;
  SchedulingProspect: ResolverTypeWrapper<SchedulingProspectMapper>;
  SchedulingSimulation: ResolverTypeWrapper<SchedulingSimulationMapper>;
  ShareEnforcement: ShareEnforcement;
  SimulateSchedulingInput: SimulateSchedulingInput;
  SimulateSchedulingPayload: ResolverTypeWrapper<Omit<SimulateSchedulingPayload, 'simulation'> & { simulation?: Maybe<ResolversTypes['SchedulingSimulation']> }>;
  SimulatedJobsInput: SimulatedJobsInput;
  SimulatedNodesInput: SimulatedNodesInput;
  SimulatedQueueInput: SimulatedQueueInput;
  StartSureness: StartSureness;
  StopPolicy: StopPolicy;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Tenant: ResolverTypeWrapper<Tenant>;
  TopologyLevel: ResolverTypeWrapper<TopologyLevel>;
  TopologyLevelInput: TopologyLevelInput;
  UpdateQueueInput: UpdateQueueInput;
  UpdateQueuePayload: ResolverTypeWrapper<Omit<UpdateQueuePayload, 'queue'> & { queue?: Maybe<ResolversTypes['Queue']> }>;
  UserError: ResolverTypeWrapper<UserError>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AdmissionPreview: AdmissionPreviewMapper;
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  AdmissionPreviewInput: AdmissionPreviewInput;
  Boolean: Scalars['Boolean']['output'];
  String: Scalars['String']['output'];
  AdmissionPreviewPayload: Omit<AdmissionPreviewPayload, 'preview'> & { preview?: Maybe<ResolversParentTypes['AdmissionPreview']> };
  AdmittingChange: AdmittingChangeMapper;
  ApplySchedulingPolicyInput: ApplySchedulingPolicyInput;
  ApplySchedulingPolicyPayload: Omit<ApplySchedulingPolicyPayload, 'clusters'> & { clusters: Array<ResolversParentTypes['Cluster']> };
  AskedGpuInput: AskedGpuInput;
  AskedResourcesInput: AskedResourcesInput;
  Cluster: ClusterMapper;
  ClusterConnection: Omit<ClusterConnection, 'edges'> & { edges: Array<ResolversParentTypes['ClusterEdge']> };
  ClusterEdge: Omit<ClusterEdge, 'node'> & { node: ResolversParentTypes['Cluster'] };
  ClusterPolicy: ClusterPolicyMapper;
  CreateJoinTokenInput: CreateJoinTokenInput;
  CreateJoinTokenPayload: Omit<CreateJoinTokenPayload, 'joinToken'> & { joinToken?: Maybe<ResolversParentTypes['JoinToken']> };
  CreateQueueInput: CreateQueueInput;
  CreateQueuePayload: Omit<CreateQueuePayload, 'queue'> & { queue?: Maybe<ResolversParentTypes['Queue']> };
  CreateSchedulingPolicyInput: CreateSchedulingPolicyInput;
  CreateSchedulingPolicyPayload: Omit<CreateSchedulingPolicyPayload, 'schedulingPolicy'> & { schedulingPolicy?: Maybe<ResolversParentTypes['SchedulingPolicy']> };
  Cursor: Scalars['Cursor']['output'];
  DateTime: Scalars['DateTime']['output'];
  Decimal: Scalars['Decimal']['output'];
  DefragmentationInput: DefragmentationInput;
  DefragmentationMove: DefragmentationMoveMapper;
  Float: Scalars['Float']['output'];
  DefragmentationPayload: Omit<DefragmentationPayload, 'plan'> & { plan?: Maybe<ResolversParentTypes['DefragmentationPlan']> };
  DefragmentationPlan: DefragmentationPlanMapper;
  FlavorFungibility: FlavorFungibility;
  FlavorFungibilityInput: FlavorFungibilityInput;
  GangStart: GangStart;
  GangStartInput: GangStartInput;
  Gpu: GpuMapper;
  GpuConnection: Omit<GpuConnection, 'edges'> & { edges: Array<ResolversParentTypes['GpuEdge']> };
  GpuEdge: Omit<GpuEdge, 'node'> & { node: ResolversParentTypes['Gpu'] };
  GpuFilter: GpuFilter;
  HighestClass: HighestClass;
  HighestClassInput: HighestClassInput;
  JoinToken: JoinTokenMapper;
  JoinTokenConnection: Omit<JoinTokenConnection, 'edges'> & { edges: Array<ResolversParentTypes['JoinTokenEdge']> };
  JoinTokenEdge: Omit<JoinTokenEdge, 'node'> & { node: ResolversParentTypes['JoinToken'] };
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  NodePool: NodePoolMapper;
  NodePoolConnection: Omit<NodePoolConnection, 'edges'> & { edges: Array<ResolversParentTypes['NodePoolEdge']> };
  NodePoolEdge: Omit<NodePoolEdge, 'node'> & { node: ResolversParentTypes['NodePool'] };
  NodeStop: NodeStop;
  NodeStopInput: NodeStopInput;
  PageInfo: PageInfo;
  PendingNumbers: PendingNumbersMapper;
  PendingReason: PendingReasonMapper;
  PreviewNode: PreviewNode;
  PreviewPlacement: PreviewPlacement;
  PreviewReason: PreviewReason;
  ProspectNumbers: ProspectNumbersMapper;
  Query: Record<PropertyKey, never>;
  Queue: QueueMapper;
  QueueConnection: Omit<QueueConnection, 'edges'> & { edges: Array<ResolversParentTypes['QueueEdge']> };
  QueueEdge: Omit<QueueEdge, 'node'> & { node: ResolversParentTypes['Queue'] };
  QueueEvent: QueueEventMapper;
  QueueProspect: QueueProspectMapper;
  QueueQuota: QueueQuota;
  QueueQuotaInput: QueueQuotaInput;
  QueueSample: QueueSampleMapper;
  QueueSampleConnection: Omit<QueueSampleConnection, 'edges'> & { edges: Array<ResolversParentTypes['QueueSampleEdge']> };
  QueueSampleEdge: Omit<QueueSampleEdge, 'node'> & { node: ResolversParentTypes['QueueSample'] };
  QueueUsage: QueueUsageMapper;
  Requeue: Requeue;
  RequeueInput: RequeueInput;
  RevokeJoinTokenInput: RevokeJoinTokenInput;
  RevokeJoinTokenPayload: Omit<RevokeJoinTokenPayload, 'joinToken'> & { joinToken?: Maybe<ResolversParentTypes['JoinToken']> };
  RollBackSchedulingPolicyInput: RollBackSchedulingPolicyInput;
  SchedulingPolicy: SchedulingPolicyMapper;
  SchedulingPolicyConnection: Omit<SchedulingPolicyConnection, 'edges'> & { edges: Array<ResolversParentTypes['SchedulingPolicyEdge']> };
  SchedulingPolicyEdge: Omit<SchedulingPolicyEdge, 'node'> & { node: ResolversParentTypes['SchedulingPolicy'] };
  SchedulingProspect: SchedulingProspectMapper;
  SchedulingSimulation: SchedulingSimulationMapper;
  SimulateSchedulingInput: SimulateSchedulingInput;
  SimulateSchedulingPayload: Omit<SimulateSchedulingPayload, 'simulation'> & { simulation?: Maybe<ResolversParentTypes['SchedulingSimulation']> };
  SimulatedJobsInput: SimulatedJobsInput;
  SimulatedNodesInput: SimulatedNodesInput;
  SimulatedQueueInput: SimulatedQueueInput;
  Subscription: Record<PropertyKey, never>;
  Tenant: Tenant;
  TopologyLevel: TopologyLevel;
  TopologyLevelInput: TopologyLevelInput;
  UpdateQueueInput: UpdateQueueInput;
  UpdateQueuePayload: Omit<UpdateQueuePayload, 'queue'> & { queue?: Maybe<ResolversParentTypes['Queue']> };
  UserError: UserError;
};

export type AdmissionPreviewResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AdmissionPreview'] = ResolversParentTypes['AdmissionPreview'], FederationReferenceType extends FederationReferenceTypes['AdmissionPreview'] = FederationReferenceTypes['AdmissionPreview']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['AdmissionPreview']> | FederationReferenceType, FederationReferenceType, ContextType>;
  asOf?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  changes?: Resolver<Array<ResolversTypes['AdmittingChange']>, ParentType, ContextType>;
  cluster?: Resolver<ResolversTypes['Cluster'], ParentType, ContextType>;
  estimateSureness?: Resolver<ResolversTypes['StartSureness'], ParentType, ContextType>;
  estimatedStart?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  numbers?: Resolver<Maybe<ResolversTypes['PendingNumbers']>, ParentType, ContextType>;
  placement?: Resolver<Maybe<ResolversTypes['PreviewPlacement']>, ParentType, ContextType>;
  pricing?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['PreviewReason']>, ParentType, ContextType>;
  stops?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['AdmissionVerdict'], ParentType, ContextType>;
};

export type AdmissionPreviewPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AdmissionPreviewPayload'] = ResolversParentTypes['AdmissionPreviewPayload']> = {
  preview?: Resolver<Maybe<ResolversTypes['AdmissionPreview']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type AdmittingChangeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AdmittingChange'] = ResolversParentTypes['AdmittingChange']> = {
  amount?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  flavor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['AdmittingChangeKind'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  queue?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType>;
  resource?: Resolver<Maybe<ResolversTypes['QueueResource']>, ParentType, ContextType>;
};

export type ApplySchedulingPolicyPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApplySchedulingPolicyPayload'] = ResolversParentTypes['ApplySchedulingPolicyPayload']> = {
  clusters?: Resolver<Array<ResolversTypes['Cluster']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ClusterResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Cluster'] = ResolversParentTypes['Cluster'], FederationReferenceType extends FederationReferenceTypes['Cluster'] = FederationReferenceTypes['Cluster']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Cluster']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kubernetesVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nodePools?: Resolver<ResolversTypes['NodePoolConnection'], ParentType, ContextType, Partial<ClusterNodePoolsArgs>>;
  registeredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  schedulingPolicy?: Resolver<Maybe<ResolversTypes['ClusterPolicy']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ClusterConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ClusterConnection'] = ResolversParentTypes['ClusterConnection']> = {
  edges?: Resolver<Array<ResolversTypes['ClusterEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ClusterEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ClusterEdge'] = ResolversParentTypes['ClusterEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Cluster'], ParentType, ContextType>;
};

export type ClusterPolicyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ClusterPolicy'] = ResolversParentTypes['ClusterPolicy']> = {
  appliedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  appliedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  desired?: Resolver<ResolversTypes['SchedulingPolicy'], ParentType, ContextType>;
  desiredGeneration?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  isFollowed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  observedGeneration?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  previous?: Resolver<Maybe<ResolversTypes['SchedulingPolicy']>, ParentType, ContextType>;
};

export type CreateJoinTokenPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateJoinTokenPayload'] = ResolversParentTypes['CreateJoinTokenPayload']> = {
  joinToken?: Resolver<Maybe<ResolversTypes['JoinToken']>, ParentType, ContextType>;
  token?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateQueuePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateQueuePayload'] = ResolversParentTypes['CreateQueuePayload']> = {
  queue?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateSchedulingPolicyPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateSchedulingPolicyPayload'] = ResolversParentTypes['CreateSchedulingPolicyPayload']> = {
  schedulingPolicy?: Resolver<Maybe<ResolversTypes['SchedulingPolicy']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface CursorScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Cursor'], any> {
  name: 'Cursor';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface DecimalScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Decimal'], any> {
  name: 'Decimal';
}

export type DefragmentationMoveResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DefragmentationMove'] = ResolversParentTypes['DefragmentationMove']> = {
  from?: Resolver<Array<ResolversTypes['PreviewNode']>, ParentType, ContextType>;
  lostGpuSeconds?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  queue?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType>;
  to?: Resolver<Array<ResolversTypes['PreviewNode']>, ParentType, ContextType>;
  uid?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type DefragmentationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DefragmentationPayload'] = ResolversParentTypes['DefragmentationPayload']> = {
  plan?: Resolver<Maybe<ResolversTypes['DefragmentationPlan']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DefragmentationPlanResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DefragmentationPlan'] = ResolversParentTypes['DefragmentationPlan']> = {
  asOf?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cluster?: Resolver<ResolversTypes['Cluster'], ParentType, ContextType>;
  freesGpus?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  freesNodes?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  jobs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lostGpuSeconds?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  moves?: Resolver<Array<ResolversTypes['DefragmentationMove']>, ParentType, ContextType>;
  pods?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type FlavorFungibilityResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FlavorFungibility'] = ResolversParentTypes['FlavorFungibility']> = {
  whenCanBorrow?: Resolver<ResolversTypes['FlavorSearch'], ParentType, ContextType>;
  whenCanPreempt?: Resolver<ResolversTypes['FlavorSearch'], ParentType, ContextType>;
};

export type GangStartResolvers<ContextType = Context, ParentType extends ResolversParentTypes['GangStart'] = ResolversParentTypes['GangStart']> = {
  baseSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  podsPerSecond?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type GpuResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Gpu'] = ResolversParentTypes['Gpu'], FederationReferenceType extends FederationReferenceTypes['Gpu'] = FederationReferenceTypes['Gpu']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Gpu']> | FederationReferenceType, FederationReferenceType, ContextType>;
  allocated?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  health?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  index?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  memoryMiB?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nodePool?: Resolver<Maybe<ResolversTypes['NodePool']>, ParentType, ContextType>;
  shareEnforcement?: Resolver<ResolversTypes['ShareEnforcement'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type GpuConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['GpuConnection'] = ResolversParentTypes['GpuConnection']> = {
  edges?: Resolver<Array<ResolversTypes['GpuEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type GpuEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['GpuEdge'] = ResolversParentTypes['GpuEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Gpu'], ParentType, ContextType>;
};

export type HighestClassResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HighestClass'] = ResolversParentTypes['HighestClass']> = {
  class?: Resolver<ResolversTypes['JobClass'], ParentType, ContextType>;
  tenantId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type JoinTokenResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinToken'] = ResolversParentTypes['JoinToken']> = {
  cluster?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  usedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type JoinTokenConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinTokenConnection'] = ResolversParentTypes['JoinTokenConnection']> = {
  edges?: Resolver<Array<ResolversTypes['JoinTokenEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type JoinTokenEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JoinTokenEdge'] = ResolversParentTypes['JoinTokenEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['JoinToken'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  applySchedulingPolicy?: Resolver<ResolversTypes['ApplySchedulingPolicyPayload'], ParentType, ContextType, RequireFields<MutationApplySchedulingPolicyArgs, 'input'>>;
  createJoinToken?: Resolver<ResolversTypes['CreateJoinTokenPayload'], ParentType, ContextType, RequireFields<MutationCreateJoinTokenArgs, 'input'>>;
  createQueue?: Resolver<ResolversTypes['CreateQueuePayload'], ParentType, ContextType, RequireFields<MutationCreateQueueArgs, 'input'>>;
  createSchedulingPolicy?: Resolver<ResolversTypes['CreateSchedulingPolicyPayload'], ParentType, ContextType, RequireFields<MutationCreateSchedulingPolicyArgs, 'input'>>;
  revokeJoinToken?: Resolver<ResolversTypes['RevokeJoinTokenPayload'], ParentType, ContextType, RequireFields<MutationRevokeJoinTokenArgs, 'input'>>;
  rollBackSchedulingPolicy?: Resolver<ResolversTypes['ApplySchedulingPolicyPayload'], ParentType, ContextType, RequireFields<MutationRollBackSchedulingPolicyArgs, 'input'>>;
  updateQueue?: Resolver<ResolversTypes['UpdateQueuePayload'], ParentType, ContextType, RequireFields<MutationUpdateQueueArgs, 'input'>>;
};

export type NodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Cluster' | 'Gpu' | 'NodePool' | 'Queue', ParentType, ContextType>;
};

export type NodePoolResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NodePool'] = ResolversParentTypes['NodePool'], FederationReferenceType extends FederationReferenceTypes['NodePool'] = FederationReferenceTypes['NodePool']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['NodePool']> | FederationReferenceType, FederationReferenceType, ContextType>;
  allocatedGpus?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  cluster?: Resolver<Maybe<ResolversTypes['Cluster']>, ParentType, ContextType>;
  deviceControl?: Resolver<ResolversTypes['DeviceControl'], ParentType, ContextType>;
  flavor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  gpuCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  gpuModel?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nodeCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type NodePoolConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NodePoolConnection'] = ResolversParentTypes['NodePoolConnection']> = {
  edges?: Resolver<Array<ResolversTypes['NodePoolEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type NodePoolEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NodePoolEdge'] = ResolversParentTypes['NodePoolEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['NodePool'], ParentType, ContextType>;
};

export type NodeStopResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NodeStop'] = ResolversParentTypes['NodeStop']> = {
  node?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  pool?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  stopPolicy?: Resolver<ResolversTypes['StopPolicy'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PendingNumbersResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PendingNumbers'] = ResolversParentTypes['PendingNumbers']> = {
  asked?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  biggestHole?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  free?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  resource?: Resolver<ResolversTypes['QueueResource'], ParentType, ContextType>;
};

export type PendingReasonResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PendingReason'] = ResolversParentTypes['PendingReason'], FederationReferenceType extends FederationReferenceTypes['PendingReason'] = FederationReferenceTypes['PendingReason']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['PendingReason']> | FederationReferenceType, FederationReferenceType, ContextType>;
  changes?: Resolver<Maybe<Array<ResolversTypes['AdmittingChange']>>, ParentType, ContextType>;
  estimateSureness?: Resolver<Maybe<ResolversTypes['StartSureness']>, ParentType, ContextType>;
  estimatedStart?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  numbers?: Resolver<Maybe<ResolversTypes['PendingNumbers']>, ParentType, ContextType>;
  workload?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type PreviewNodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PreviewNode'] = ResolversParentTypes['PreviewNode']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  pods?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PreviewPlacementResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PreviewPlacement'] = ResolversParentTypes['PreviewPlacement']> = {
  flavor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  gpuModel?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['PreviewNode']>, ParentType, ContextType>;
};

export type PreviewReasonResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PreviewReason'] = ResolversParentTypes['PreviewReason']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  fix?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ProspectNumbersResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ProspectNumbers'] = ResolversParentTypes['ProspectNumbers']> = {
  longestWaitSeconds?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  meanWaitSeconds?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  start?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  startNow?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stopped?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  usedGpus?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  waiting?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  admissionPreview?: Resolver<ResolversTypes['AdmissionPreviewPayload'], ParentType, ContextType, RequireFields<QueryAdmissionPreviewArgs, 'input'>>;
  clusters?: Resolver<ResolversTypes['ClusterConnection'], ParentType, ContextType, Partial<QueryClustersArgs>>;
  defragmentationPlan?: Resolver<ResolversTypes['DefragmentationPayload'], ParentType, ContextType, RequireFields<QueryDefragmentationPlanArgs, 'input'>>;
  gpus?: Resolver<ResolversTypes['GpuConnection'], ParentType, ContextType, Partial<QueryGpusArgs>>;
  joinTokens?: Resolver<ResolversTypes['JoinTokenConnection'], ParentType, ContextType, Partial<QueryJoinTokensArgs>>;
  nodePools?: Resolver<ResolversTypes['NodePoolConnection'], ParentType, ContextType, Partial<QueryNodePoolsArgs>>;
  queue?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType, RequireFields<QueryQueueArgs, 'id'>>;
  queues?: Resolver<ResolversTypes['QueueConnection'], ParentType, ContextType, Partial<QueryQueuesArgs>>;
  schedulingPolicies?: Resolver<ResolversTypes['SchedulingPolicyConnection'], ParentType, ContextType, Partial<QuerySchedulingPoliciesArgs>>;
  simulateScheduling?: Resolver<ResolversTypes['SimulateSchedulingPayload'], ParentType, ContextType, RequireFields<QuerySimulateSchedulingArgs, 'input'>>;
};

export type QueueResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Queue'] = ResolversParentTypes['Queue'], FederationReferenceType extends FederationReferenceTypes['Queue'] = FederationReferenceTypes['Queue']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Queue']> | FederationReferenceType, FederationReferenceType, ContextType>;
  admitted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  eventsCursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  flavorFungibility?: Resolver<ResolversTypes['FlavorFungibility'], ParentType, ContextType>;
  flavorsUsage?: Resolver<Array<ResolversTypes['QueueUsage']>, ParentType, ContextType>;
  generation?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  history?: Resolver<ResolversTypes['QueueSampleConnection'], ParentType, ContextType, Partial<QueueHistoryArgs>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  minRuntimeSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  parent?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType>;
  pending?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  pendingGpus?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  queueingStrategy?: Resolver<ResolversTypes['QueueingStrategy'], ParentType, ContextType>;
  quotas?: Resolver<Array<ResolversTypes['QueueQuota']>, ParentType, ContextType>;
  stopPolicy?: Resolver<ResolversTypes['StopPolicy'], ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  usageAsOf?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  usageHalfLifeSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  usedGpus?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  weight?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  weightedShare?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type QueueConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueConnection'] = ResolversParentTypes['QueueConnection']> = {
  edges?: Resolver<Array<ResolversTypes['QueueEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type QueueEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueEdge'] = ResolversParentTypes['QueueEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Queue'], ParentType, ContextType>;
};

export type QueueEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueEvent'] = ResolversParentTypes['QueueEvent']> = {
  admitted?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  pending?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  pendingGpus?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  queue?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['QueueEventType'], ParentType, ContextType>;
  usedGpus?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
};

export type QueueProspectResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueProspect'] = ResolversParentTypes['QueueProspect']> = {
  numbers?: Resolver<ResolversTypes['ProspectNumbers'], ParentType, ContextType>;
  queue?: Resolver<ResolversTypes['Queue'], ParentType, ContextType>;
  weightedShare?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type QueueQuotaResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueQuota'] = ResolversParentTypes['QueueQuota']> = {
  borrowingLimit?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  flavor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  lendingLimit?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  nominalQuota?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  resource?: Resolver<ResolversTypes['QueueResource'], ParentType, ContextType>;
};

export type QueueSampleResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueSample'] = ResolversParentTypes['QueueSample']> = {
  admitted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  flavorsUsage?: Resolver<Array<ResolversTypes['QueueUsage']>, ParentType, ContextType>;
  pending?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  weightedShare?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type QueueSampleConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueSampleConnection'] = ResolversParentTypes['QueueSampleConnection']> = {
  edges?: Resolver<Array<ResolversTypes['QueueSampleEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type QueueSampleEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueSampleEdge'] = ResolversParentTypes['QueueSampleEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['QueueSample'], ParentType, ContextType>;
};

export type QueueUsageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueUsage'] = ResolversParentTypes['QueueUsage']> = {
  borrowed?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  flavor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  lent?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  nominal?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  pending?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  reclaimable?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  resource?: Resolver<ResolversTypes['QueueResource'], ParentType, ContextType>;
  used?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
};

export type RequeueResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Requeue'] = ResolversParentTypes['Requeue']> = {
  avoidNodeSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  firstBackoffSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastBackoffSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RevokeJoinTokenPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RevokeJoinTokenPayload'] = ResolversParentTypes['RevokeJoinTokenPayload']> = {
  joinToken?: Resolver<Maybe<ResolversTypes['JoinToken']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SchedulingPolicyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SchedulingPolicy'] = ResolversParentTypes['SchedulingPolicy']> = {
  agingSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  comment?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  gangStart?: Resolver<ResolversTypes['GangStart'], ParentType, ContextType>;
  highestClasses?: Resolver<Array<ResolversTypes['HighestClass']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  requeue?: Resolver<ResolversTypes['Requeue'], ParentType, ContextType>;
  requireEnforcement?: Resolver<Array<ResolversTypes['ShareEnforcement']>, ParentType, ContextType>;
  stops?: Resolver<Array<ResolversTypes['NodeStop']>, ParentType, ContextType>;
  topologyLevels?: Resolver<Array<ResolversTypes['TopologyLevel']>, ParentType, ContextType>;
};

export type SchedulingPolicyConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SchedulingPolicyConnection'] = ResolversParentTypes['SchedulingPolicyConnection']> = {
  edges?: Resolver<Array<ResolversTypes['SchedulingPolicyEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type SchedulingPolicyEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SchedulingPolicyEdge'] = ResolversParentTypes['SchedulingPolicyEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['SchedulingPolicy'], ParentType, ContextType>;
};

export type SchedulingProspectResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SchedulingProspect'] = ResolversParentTypes['SchedulingProspect']> = {
  queues?: Resolver<Array<ResolversTypes['QueueProspect']>, ParentType, ContextType>;
  total?: Resolver<ResolversTypes['ProspectNumbers'], ParentType, ContextType>;
  until?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type SchedulingSimulationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SchedulingSimulation'] = ResolversParentTypes['SchedulingSimulation']> = {
  after?: Resolver<ResolversTypes['SchedulingProspect'], ParentType, ContextType>;
  asOf?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  before?: Resolver<ResolversTypes['SchedulingProspect'], ParentType, ContextType>;
  cluster?: Resolver<ResolversTypes['Cluster'], ParentType, ContextType>;
};

export type SimulateSchedulingPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SimulateSchedulingPayload'] = ResolversParentTypes['SimulateSchedulingPayload']> = {
  simulation?: Resolver<Maybe<ResolversTypes['SchedulingSimulation']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  queueEvents?: SubscriptionResolver<ResolversTypes['QueueEvent'], "queueEvents", ParentType, ContextType, RequireFields<SubscriptionQueueEventsArgs, 'queueId'>>;
};

export type TenantResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Tenant'] = ResolversParentTypes['Tenant']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type TopologyLevelResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TopologyLevel'] = ResolversParentTypes['TopologyLevel']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nodeLabel?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UpdateQueuePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateQueuePayload'] = ResolversParentTypes['UpdateQueuePayload']> = {
  queue?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  fix?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  AdmissionPreview?: AdmissionPreviewResolvers<ContextType>;
  AdmissionPreviewPayload?: AdmissionPreviewPayloadResolvers<ContextType>;
  AdmittingChange?: AdmittingChangeResolvers<ContextType>;
  ApplySchedulingPolicyPayload?: ApplySchedulingPolicyPayloadResolvers<ContextType>;
  Cluster?: ClusterResolvers<ContextType>;
  ClusterConnection?: ClusterConnectionResolvers<ContextType>;
  ClusterEdge?: ClusterEdgeResolvers<ContextType>;
  ClusterPolicy?: ClusterPolicyResolvers<ContextType>;
  CreateJoinTokenPayload?: CreateJoinTokenPayloadResolvers<ContextType>;
  CreateQueuePayload?: CreateQueuePayloadResolvers<ContextType>;
  CreateSchedulingPolicyPayload?: CreateSchedulingPolicyPayloadResolvers<ContextType>;
  Cursor?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  Decimal?: GraphQLScalarType;
  DefragmentationMove?: DefragmentationMoveResolvers<ContextType>;
  DefragmentationPayload?: DefragmentationPayloadResolvers<ContextType>;
  DefragmentationPlan?: DefragmentationPlanResolvers<ContextType>;
  FlavorFungibility?: FlavorFungibilityResolvers<ContextType>;
  GangStart?: GangStartResolvers<ContextType>;
  Gpu?: GpuResolvers<ContextType>;
  GpuConnection?: GpuConnectionResolvers<ContextType>;
  GpuEdge?: GpuEdgeResolvers<ContextType>;
  HighestClass?: HighestClassResolvers<ContextType>;
  JoinToken?: JoinTokenResolvers<ContextType>;
  JoinTokenConnection?: JoinTokenConnectionResolvers<ContextType>;
  JoinTokenEdge?: JoinTokenEdgeResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  NodePool?: NodePoolResolvers<ContextType>;
  NodePoolConnection?: NodePoolConnectionResolvers<ContextType>;
  NodePoolEdge?: NodePoolEdgeResolvers<ContextType>;
  NodeStop?: NodeStopResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PendingNumbers?: PendingNumbersResolvers<ContextType>;
  PendingReason?: PendingReasonResolvers<ContextType>;
  PreviewNode?: PreviewNodeResolvers<ContextType>;
  PreviewPlacement?: PreviewPlacementResolvers<ContextType>;
  PreviewReason?: PreviewReasonResolvers<ContextType>;
  ProspectNumbers?: ProspectNumbersResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Queue?: QueueResolvers<ContextType>;
  QueueConnection?: QueueConnectionResolvers<ContextType>;
  QueueEdge?: QueueEdgeResolvers<ContextType>;
  QueueEvent?: QueueEventResolvers<ContextType>;
  QueueProspect?: QueueProspectResolvers<ContextType>;
  QueueQuota?: QueueQuotaResolvers<ContextType>;
  QueueSample?: QueueSampleResolvers<ContextType>;
  QueueSampleConnection?: QueueSampleConnectionResolvers<ContextType>;
  QueueSampleEdge?: QueueSampleEdgeResolvers<ContextType>;
  QueueUsage?: QueueUsageResolvers<ContextType>;
  Requeue?: RequeueResolvers<ContextType>;
  RevokeJoinTokenPayload?: RevokeJoinTokenPayloadResolvers<ContextType>;
  SchedulingPolicy?: SchedulingPolicyResolvers<ContextType>;
  SchedulingPolicyConnection?: SchedulingPolicyConnectionResolvers<ContextType>;
  SchedulingPolicyEdge?: SchedulingPolicyEdgeResolvers<ContextType>;
  SchedulingProspect?: SchedulingProspectResolvers<ContextType>;
  SchedulingSimulation?: SchedulingSimulationResolvers<ContextType>;
  SimulateSchedulingPayload?: SimulateSchedulingPayloadResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Tenant?: TenantResolvers<ContextType>;
  TopologyLevel?: TopologyLevelResolvers<ContextType>;
  UpdateQueuePayload?: UpdateQueuePayloadResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};

