// Made by `npm run codegen`; do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { JobMapper, JobDecisionMapper, PodMapper, JobEventMapper, PodEventMapper, PendingReasonMapper, JobConnectionMapper } from '../mappers.ts';
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

export type CancelJobInput = {
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  id: Scalars['ID']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

export type CancelJobPayload = {
  __typename?: 'CancelJobPayload';
  job?: Maybe<Job>;
  userErrors: Array<UserError>;
};

/** How far it is known which device it is. */
export type DeviceIdentity =
  /** Sluice chose it. */
  | 'ASSIGNED'
  /** The kubelet chose it, and it was seen. */
  | 'OBSERVED'
  | 'UNKNOWN';

export type EnvVarInput = {
  name: Scalars['String']['input'];
  value: Scalars['String']['input'];
};

/** Whole devices (`count`) or a share of one device (`share`). */
export type GpuRequest = {
  __typename?: 'GpuRequest';
  count?: Maybe<Scalars['Int']['output']>;
  memoryMiB?: Maybe<Scalars['Int']['output']>;
  /** GPU models that will do; empty: any. */
  models: Array<Scalars['String']['output']>;
  share?: Maybe<Scalars['Decimal']['output']>;
};

/** Either `count` or `share`. */
export type GpuRequestInput = {
  /** Whole devices, at least 1. */
  count?: InputMaybe<Scalars['Int']['input']>;
  /** GPU memory that the one device must have free. */
  memoryMiB?: InputMaybe<Scalars['Int']['input']>;
  models?: InputMaybe<Array<Scalars['String']['input']>>;
  /** 0.001 to 1 of one device, at most three decimals. */
  share?: InputMaybe<Scalars['Decimal']['input']>;
};

export type Job = Node & {
  __typename?: 'Job';
  /** When it was given its slots; null while it waits, also after an eviction. */
  admittedAt?: Maybe<Scalars['DateTime']['output']>;
  class: JobClass;
  /** Who submitted it: a principal of this API, or the Kubernetes user who created the Job. */
  createdBy?: Maybe<Scalars['String']['output']>;
  /** Pods of it that are on nodes now. */
  currentReplicas: Scalars['Int']['output'];
  /** What the scheduler decided about it, the oldest first: attempts, evictions, why it waited. Kept as long as events. */
  decisions: JobDecisionConnection;
  /** Why it failed or was cancelled. */
  failure?: Maybe<JobFailure>;
  finishedAt?: Maybe<Scalars['DateTime']['output']>;
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  /** How it came: by this API, or as a Job created in the cluster. */
  origin: JobOrigin;
  /** Why it waits: always present while PENDING. */
  pending?: Maybe<PendingReason>;
  phase: JobPhase;
  /** Pods that have been seen, the oldest first, those already gone included. */
  pods: PodConnection;
  preemptible: Scalars['Boolean']['output'];
  /** Name of the PriorityClass it asked for; null: its class's own. */
  priorityClass?: Maybe<Scalars['String']['output']>;
  project?: Maybe<Project>;
  queue?: Maybe<Queue>;
  /** Pods that it asked for. They start together, all or nothing; an elastic job may start with fewer and grow. */
  replicas: Scalars['Int']['output'];
  /** Of one pod. */
  resources: Resources;
  /** When all its pods were ready. */
  startedAt?: Maybe<Scalars['DateTime']['output']>;
  submittedAt: Scalars['DateTime']['output'];
};


export type JobDecisionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type JobPodsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

export type JobClass =
  | 'BATCH'
  | 'INFERENCE'
  | 'INTERACTIVE'
  | 'TRAINING';

export type JobConnection = {
  __typename?: 'JobConnection';
  edges: Array<JobEdge>;
  /** Where this list stands in the stream of events. */
  eventsCursor: Scalars['Cursor']['output'];
  pageInfo: PageInfo;
  totalCount: Scalars['Int']['output'];
};

export type JobDecision = {
  __typename?: 'JobDecision';
  at: Scalars['DateTime']['output'];
  kind: JobDecisionKind;
  message?: Maybe<Scalars['String']['output']>;
  /** Stable; why it waits, or was stopped. */
  reason?: Maybe<Scalars['String']['output']>;
};

export type JobDecisionConnection = {
  __typename?: 'JobDecisionConnection';
  edges: Array<JobDecisionEdge>;
  pageInfo: PageInfo;
};

export type JobDecisionEdge = {
  __typename?: 'JobDecisionEdge';
  cursor: Scalars['String']['output'];
  node: JobDecision;
};

export type JobDecisionKind =
  /** Given its slots. */
  | 'ADMITTED'
  /** Lost its slots for another reason. */
  | 'EVICTED'
  /** Stopped to make room for a job that goes before it. */
  | 'PREEMPTED'
  /** Did not come up; it is tried again after a while. */
  | 'REQUEUED'
  /** Found no room, or may not start, for another reason than before. */
  | 'WAITING';

export type JobEdge = {
  __typename?: 'JobEdge';
  cursor: Scalars['String']['output'];
  node: Job;
};

export type JobEvent = {
  __typename?: 'JobEvent';
  at: Scalars['DateTime']['output'];
  /** Where to resume after this event. */
  cursor: Scalars['Cursor']['output'];
  /** The job as it was after this event. */
  job?: Maybe<Job>;
  message?: Maybe<Scalars['String']['output']>;
  /** The pod that brought the event about, where it was one. */
  pod?: Maybe<Pod>;
  reason?: Maybe<Scalars['String']['output']>;
  type: JobEventType;
};

export type JobEventType =
  | 'ADMITTED'
  | 'CANCELLED'
  /** Lost its slots and is PENDING again. */
  | 'EVICTED'
  | 'FAILED'
  /** The reader was too slow; the stream ends and can be resumed after `cursor`. */
  | 'LAGGED'
  /** Every interval of it is metered: usage and cost are complete. */
  | 'METERED'
  /** Waits for another reason than before. */
  | 'REASON_CHANGED'
  | 'RUNNING'
  | 'SUBMITTED'
  | 'SUCCEEDED';

export type JobFailure = {
  __typename?: 'JobFailure';
  message: Scalars['String']['output'];
  reason: Scalars['String']['output'];
};

export type JobOrigin =
  | 'API'
  /** Created in the project's namespace, with kubectl or by a CronJob. */
  | 'KUBECTL';

export type JobPhase =
  /** Slots and quota are its own; its pods are coming up. */
  | 'ADMITTED'
  | 'CANCELLED'
  | 'FAILED'
  /** Waiting, also after an eviction. */
  | 'PENDING'
  /** All pods that it needs were ready. */
  | 'RUNNING'
  | 'SUCCEEDED';

export type LabelInput = {
  name: Scalars['String']['input'];
  value: Scalars['String']['input'];
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Cancels a job that has not finished: it is CANCELLED at once, its pods leave within their grace period. */
  cancelJob: CancelJobPayload;
  /** Submits a gang of pods to a queue. With `dryRun` every check is made, nothing is stored and `job` is null. */
  submitJob: SubmitJobPayload;
};


export type MutationCancelJobArgs = {
  input: CancelJobInput;
};


export type MutationSubmitJobArgs = {
  input: SubmitJobInput;
};

export type Node = {
  id: Scalars['ID']['output'];
};

export type PageInfo = {
  __typename?: 'PageInfo';
  endCursor?: Maybe<Scalars['String']['output']>;
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** inventory tells how it stands now: numbers, changes that would help, an estimate. */
export type PendingReason = {
  __typename?: 'PendingReason';
  /** Stable; PendingEvaluation until the scheduler has looked at the job. */
  code: Scalars['String']['output'];
  /** What would make it run, as it was when the code was given; `changes` is worked out anew. */
  fix?: Maybe<Scalars['String']['output']>;
  message: Scalars['String']['output'];
  /** Place in its queue, counted from 1, by priority and then by time of submission. */
  position?: Maybe<Scalars['Int']['output']>;
  since: Scalars['DateTime']['output'];
  /** Names the job's object in its cluster; empty until it has been seen there. */
  workload: Scalars['ID']['output'];
};

export type Pod = Node & {
  __typename?: 'Pod';
  devices: Array<PodDevice>;
  exitCode?: Maybe<Scalars['Int']['output']>;
  finishedAt?: Maybe<Scalars['DateTime']['output']>;
  id: Scalars['ID']['output'];
  /** null: it was not created by a job that is known. */
  job?: Maybe<Job>;
  name: Scalars['String']['output'];
  node?: Maybe<Scalars['String']['output']>;
  /** As Kubernetes says: Pending, Running, Succeeded, Failed, Unknown. */
  phase: Scalars['String']['output'];
  startedAt?: Maybe<Scalars['DateTime']['output']>;
};

export type PodConnection = {
  __typename?: 'PodConnection';
  edges: Array<PodEdge>;
  pageInfo: PageInfo;
};

export type PodDevice = {
  __typename?: 'PodDevice';
  identity: DeviceIdentity;
  index?: Maybe<Scalars['Int']['output']>;
  model: Scalars['String']['output'];
  /** Decimal of one device. */
  share: Scalars['Decimal']['output'];
  uuid?: Maybe<Scalars['String']['output']>;
};

export type PodEdge = {
  __typename?: 'PodEdge';
  cursor: Scalars['String']['output'];
  node: Pod;
};

export type PodEvent = {
  __typename?: 'PodEvent';
  at: Scalars['DateTime']['output'];
  cursor: Scalars['Cursor']['output'];
  /** The pod as it was after this event. */
  pod?: Maybe<Pod>;
  type: PodEventType;
};

export type PodEventType =
  /** Has a node and holds its devices from now on. */
  | 'BOUND'
  | 'CREATED'
  | 'FAILED'
  | 'GONE'
  | 'LAGGED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type Project = {
  __typename?: 'Project';
  id: Scalars['ID']['output'];
};

export type Query = {
  __typename?: 'Query';
  /** A job by its id. */
  job?: Maybe<Job>;
  /** Newest first. Subscribe after `eventsCursor` and nothing is missed. */
  jobs: JobConnection;
};


export type QueryJobArgs = {
  id: Scalars['ID']['input'];
};


export type QueryJobsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  phase?: InputMaybe<Array<JobPhase>>;
  projectId?: InputMaybe<Scalars['ID']['input']>;
  queueId?: InputMaybe<Scalars['ID']['input']>;
};

export type Queue = {
  __typename?: 'Queue';
  id: Scalars['ID']['output'];
};

export type Resources = {
  __typename?: 'Resources';
  /** Decimal of cores. */
  cpu: Scalars['Decimal']['output'];
  gpu?: Maybe<GpuRequest>;
  memoryMiB: Scalars['Int']['output'];
};

export type ResourcesInput = {
  /** Decimal of cores, at most three decimals. */
  cpu?: InputMaybe<Scalars['Decimal']['input']>;
  gpu?: InputMaybe<GpuRequestInput>;
  memoryMiB?: InputMaybe<Scalars['Int']['input']>;
};

export type SubmitJobInput = {
  class?: InputMaybe<JobClass>;
  /** Replaces the image's entrypoint. */
  command?: InputMaybe<Array<Scalars['String']['input']>>;
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  env?: InputMaybe<Array<EnvVarInput>>;
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  image: Scalars['String']['input'];
  labels?: InputMaybe<Array<LabelInput>>;
  maxRuntimeSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** Makes it elastic: where there is no room for all its replicas it starts with fewer, but at least so many, and grows later. */
  minCount?: InputMaybe<Scalars['Int']['input']>;
  /** A DNS label as Kubernetes has it. */
  name: Scalars['String']['input'];
  /** May be evicted for others. */
  preemptible?: InputMaybe<Scalars['Boolean']['input']>;
  /** One of sluice-inference, sluice-interactive, sluice-training, sluice-batch; without it the class's own. */
  priorityClass?: InputMaybe<Scalars['String']['input']>;
  projectId: Scalars['ID']['input'];
  /** The queue's name as seen in the project: the tenant's own first, then the shared one. */
  queue: Scalars['String']['input'];
  /** Pods of the gang, all or nothing. */
  replicas?: InputMaybe<Scalars['Int']['input']>;
  /** Of one pod. */
  resources: ResourcesInput;
  /** How near to one another its pods are to be. */
  topology?: InputMaybe<TopologyInput>;
};

export type SubmitJobPayload = {
  __typename?: 'SubmitJobPayload';
  job?: Maybe<Job>;
  userErrors: Array<UserError>;
};

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Events of a job, of a project's jobs, or of all that the caller may see. Without `after` from now on,
   * with it everything since, once and in order, then live. Too old a cursor: CURSOR_EXPIRED.
   */
  jobEvents: JobEvent;
  podEvents: PodEvent;
};


export type SubscriptionJobEventsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  jobId?: InputMaybe<Scalars['ID']['input']>;
  projectId?: InputMaybe<Scalars['ID']['input']>;
};


export type SubscriptionPodEventsArgs = {
  after?: InputMaybe<Scalars['Cursor']['input']>;
  jobId?: InputMaybe<Scalars['ID']['input']>;
  projectId?: InputMaybe<Scalars['ID']['input']>;
};

/** Levels that the cluster's SchedulingPolicy declares, such as zone, block or rack; one that it does not is told as UnknownTopologyLevel. */
export type TopologyInput = {
  /** Within one domain of this level where one holds them, else of the nearest level outside of it that does. */
  preferred?: InputMaybe<Scalars['String']['input']>;
  /** All pods within one domain of this level, or none. */
  required?: InputMaybe<Scalars['String']['input']>;
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
  Job: Job;
  Pod: Pod;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Job:
    ( { __typename: 'Job' }
    & GraphQLRecursivePick<FederationTypes['Job'], {"id":true}> );
  Pod:
    ( { __typename: 'Pod' }
    & GraphQLRecursivePick<FederationTypes['Pod'], {"id":true}> );
};


/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( JobMapper )
    | ( PodMapper )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  CancelJobInput: CancelJobInput;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  CancelJobPayload: ResolverTypeWrapper<Omit<CancelJobPayload, 'job'> & { job?: Maybe<ResolversTypes['Job']> }>;
  Cursor: ResolverTypeWrapper<Scalars['Cursor']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Decimal: ResolverTypeWrapper<Scalars['Decimal']['output']>;
  DeviceIdentity: DeviceIdentity;
  EnvVarInput: EnvVarInput;
  GpuRequest: ResolverTypeWrapper<GpuRequest>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  GpuRequestInput: GpuRequestInput;
  Job: ResolverTypeWrapper<JobMapper>;
  JobClass: JobClass;
  JobConnection: ResolverTypeWrapper<JobConnectionMapper>;
  JobDecision: ResolverTypeWrapper<JobDecisionMapper>;
  JobDecisionConnection: ResolverTypeWrapper<Omit<JobDecisionConnection, 'edges'> & { edges: Array<ResolversTypes['JobDecisionEdge']> }>;
  JobDecisionEdge: ResolverTypeWrapper<Omit<JobDecisionEdge, 'node'> & { node: ResolversTypes['JobDecision'] }>;
  JobDecisionKind: JobDecisionKind;
  JobEdge: ResolverTypeWrapper<Omit<JobEdge, 'node'> & { node: ResolversTypes['Job'] }>;
  JobEvent: ResolverTypeWrapper<JobEventMapper>;
  JobEventType: JobEventType;
  JobFailure: ResolverTypeWrapper<JobFailure>;
  JobOrigin: JobOrigin;
  JobPhase: JobPhase;
  LabelInput: LabelInput;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PendingReason: ResolverTypeWrapper<PendingReasonMapper>;
  Pod: ResolverTypeWrapper<PodMapper>;
  PodConnection: ResolverTypeWrapper<Omit<PodConnection, 'edges'> & { edges: Array<ResolversTypes['PodEdge']> }>;
  PodDevice: ResolverTypeWrapper<PodDevice>;
  PodEdge: ResolverTypeWrapper<Omit<PodEdge, 'node'> & { node: ResolversTypes['Pod'] }>;
  PodEvent: ResolverTypeWrapper<PodEventMapper>;
  PodEventType: PodEventType;
  Project: ResolverTypeWrapper<Project>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Queue: ResolverTypeWrapper<Queue>;
  Resources: ResolverTypeWrapper<Resources>;
  ResourcesInput: ResourcesInput;
  SubmitJobInput: SubmitJobInput;
  SubmitJobPayload: ResolverTypeWrapper<Omit<SubmitJobPayload, 'job'> & { job?: Maybe<ResolversTypes['Job']> }>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TopologyInput: TopologyInput;
  UserError: ResolverTypeWrapper<UserError>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  CancelJobInput: CancelJobInput;
  Boolean: Scalars['Boolean']['output'];
  ID: Scalars['ID']['output'];
  String: Scalars['String']['output'];
  CancelJobPayload: Omit<CancelJobPayload, 'job'> & { job?: Maybe<ResolversParentTypes['Job']> };
  Cursor: Scalars['Cursor']['output'];
  DateTime: Scalars['DateTime']['output'];
  Decimal: Scalars['Decimal']['output'];
  EnvVarInput: EnvVarInput;
  GpuRequest: GpuRequest;
  Int: Scalars['Int']['output'];
  GpuRequestInput: GpuRequestInput;
  Job: JobMapper;
  JobConnection: JobConnectionMapper;
  JobDecision: JobDecisionMapper;
  JobDecisionConnection: Omit<JobDecisionConnection, 'edges'> & { edges: Array<ResolversParentTypes['JobDecisionEdge']> };
  JobDecisionEdge: Omit<JobDecisionEdge, 'node'> & { node: ResolversParentTypes['JobDecision'] };
  JobEdge: Omit<JobEdge, 'node'> & { node: ResolversParentTypes['Job'] };
  JobEvent: JobEventMapper;
  JobFailure: JobFailure;
  LabelInput: LabelInput;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  PendingReason: PendingReasonMapper;
  Pod: PodMapper;
  PodConnection: Omit<PodConnection, 'edges'> & { edges: Array<ResolversParentTypes['PodEdge']> };
  PodDevice: PodDevice;
  PodEdge: Omit<PodEdge, 'node'> & { node: ResolversParentTypes['Pod'] };
  PodEvent: PodEventMapper;
  Project: Project;
  Query: Record<PropertyKey, never>;
  Queue: Queue;
  Resources: Resources;
  ResourcesInput: ResourcesInput;
  SubmitJobInput: SubmitJobInput;
  SubmitJobPayload: Omit<SubmitJobPayload, 'job'> & { job?: Maybe<ResolversParentTypes['Job']> };
  Subscription: Record<PropertyKey, never>;
  TopologyInput: TopologyInput;
  UserError: UserError;
};

export type CancelJobPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CancelJobPayload'] = ResolversParentTypes['CancelJobPayload']> = {
  job?: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
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

export type GpuRequestResolvers<ContextType = Context, ParentType extends ResolversParentTypes['GpuRequest'] = ResolversParentTypes['GpuRequest']> = {
  count?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  memoryMiB?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  models?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  share?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
};

export type JobResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Job'] = ResolversParentTypes['Job'], FederationReferenceType extends FederationReferenceTypes['Job'] = FederationReferenceTypes['Job']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Job']> | FederationReferenceType, FederationReferenceType, ContextType>;
  admittedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  class?: Resolver<ResolversTypes['JobClass'], ParentType, ContextType>;
  createdBy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  currentReplicas?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  decisions?: Resolver<ResolversTypes['JobDecisionConnection'], ParentType, ContextType, Partial<JobDecisionsArgs>>;
  failure?: Resolver<Maybe<ResolversTypes['JobFailure']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  origin?: Resolver<ResolversTypes['JobOrigin'], ParentType, ContextType>;
  pending?: Resolver<Maybe<ResolversTypes['PendingReason']>, ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['JobPhase'], ParentType, ContextType>;
  pods?: Resolver<ResolversTypes['PodConnection'], ParentType, ContextType, Partial<JobPodsArgs>>;
  preemptible?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  priorityClass?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  project?: Resolver<Maybe<ResolversTypes['Project']>, ParentType, ContextType>;
  queue?: Resolver<Maybe<ResolversTypes['Queue']>, ParentType, ContextType>;
  replicas?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  resources?: Resolver<ResolversTypes['Resources'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  submittedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type JobConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobConnection'] = ResolversParentTypes['JobConnection']> = {
  edges?: Resolver<Array<ResolversTypes['JobEdge']>, ParentType, ContextType>;
  eventsCursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type JobDecisionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobDecision'] = ResolversParentTypes['JobDecision']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['JobDecisionKind'], ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type JobDecisionConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobDecisionConnection'] = ResolversParentTypes['JobDecisionConnection']> = {
  edges?: Resolver<Array<ResolversTypes['JobDecisionEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type JobDecisionEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobDecisionEdge'] = ResolversParentTypes['JobDecisionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['JobDecision'], ParentType, ContextType>;
};

export type JobEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobEdge'] = ResolversParentTypes['JobEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Job'], ParentType, ContextType>;
};

export type JobEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobEvent'] = ResolversParentTypes['JobEvent']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  job?: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  pod?: Resolver<Maybe<ResolversTypes['Pod']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['JobEventType'], ParentType, ContextType>;
};

export type JobFailureResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobFailure'] = ResolversParentTypes['JobFailure']> = {
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  cancelJob?: Resolver<ResolversTypes['CancelJobPayload'], ParentType, ContextType, RequireFields<MutationCancelJobArgs, 'input'>>;
  submitJob?: Resolver<ResolversTypes['SubmitJobPayload'], ParentType, ContextType, RequireFields<MutationSubmitJobArgs, 'input'>>;
};

export type NodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Job' | 'Pod', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PendingReasonResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PendingReason'] = ResolversParentTypes['PendingReason']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  fix?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  position?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  workload?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type PodResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Pod'] = ResolversParentTypes['Pod'], FederationReferenceType extends FederationReferenceTypes['Pod'] = FederationReferenceTypes['Pod']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Pod']> | FederationReferenceType, FederationReferenceType, ContextType>;
  devices?: Resolver<Array<ResolversTypes['PodDevice']>, ParentType, ContextType>;
  exitCode?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  job?: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PodConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PodConnection'] = ResolversParentTypes['PodConnection']> = {
  edges?: Resolver<Array<ResolversTypes['PodEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type PodDeviceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PodDevice'] = ResolversParentTypes['PodDevice']> = {
  identity?: Resolver<ResolversTypes['DeviceIdentity'], ParentType, ContextType>;
  index?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  share?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  uuid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PodEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PodEdge'] = ResolversParentTypes['PodEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Pod'], ParentType, ContextType>;
};

export type PodEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PodEvent'] = ResolversParentTypes['PodEvent']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['Cursor'], ParentType, ContextType>;
  pod?: Resolver<Maybe<ResolversTypes['Pod']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['PodEventType'], ParentType, ContextType>;
};

export type ProjectResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Project'] = ResolversParentTypes['Project']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  job?: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType, RequireFields<QueryJobArgs, 'id'>>;
  jobs?: Resolver<ResolversTypes['JobConnection'], ParentType, ContextType, Partial<QueryJobsArgs>>;
};

export type QueueResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Queue'] = ResolversParentTypes['Queue']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type ResourcesResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Resources'] = ResolversParentTypes['Resources']> = {
  cpu?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  gpu?: Resolver<Maybe<ResolversTypes['GpuRequest']>, ParentType, ContextType>;
  memoryMiB?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SubmitJobPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SubmitJobPayload'] = ResolversParentTypes['SubmitJobPayload']> = {
  job?: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  jobEvents?: SubscriptionResolver<ResolversTypes['JobEvent'], "jobEvents", ParentType, ContextType, Partial<SubscriptionJobEventsArgs>>;
  podEvents?: SubscriptionResolver<ResolversTypes['PodEvent'], "podEvents", ParentType, ContextType, Partial<SubscriptionPodEventsArgs>>;
};

export type UserErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  fix?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  CancelJobPayload?: CancelJobPayloadResolvers<ContextType>;
  Cursor?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  Decimal?: GraphQLScalarType;
  GpuRequest?: GpuRequestResolvers<ContextType>;
  Job?: JobResolvers<ContextType>;
  JobConnection?: JobConnectionResolvers<ContextType>;
  JobDecision?: JobDecisionResolvers<ContextType>;
  JobDecisionConnection?: JobDecisionConnectionResolvers<ContextType>;
  JobDecisionEdge?: JobDecisionEdgeResolvers<ContextType>;
  JobEdge?: JobEdgeResolvers<ContextType>;
  JobEvent?: JobEventResolvers<ContextType>;
  JobFailure?: JobFailureResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PendingReason?: PendingReasonResolvers<ContextType>;
  Pod?: PodResolvers<ContextType>;
  PodConnection?: PodConnectionResolvers<ContextType>;
  PodDevice?: PodDeviceResolvers<ContextType>;
  PodEdge?: PodEdgeResolvers<ContextType>;
  PodEvent?: PodEventResolvers<ContextType>;
  Project?: ProjectResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Queue?: QueueResolvers<ContextType>;
  Resources?: ResourcesResolvers<ContextType>;
  SubmitJobPayload?: SubmitJobPayloadResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};

