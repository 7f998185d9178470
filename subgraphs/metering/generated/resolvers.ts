// Made by `npm run codegen`; do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { JobMapper, AdmissionPreviewMapper, JobUsageMapper, UsageReportMapper, UsageRowMapper, ExportMapper } from '../mappers.ts';
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
  /** At the prices of now; null where the GPU model is not known yet. */
  price?: Maybe<PreviewPrice>;
  pricing: Scalars['ID']['output'];
};

export type Cost = {
  __typename?: 'Cost';
  /** Exact and unrounded. */
  amount: Scalars['Decimal']['output'];
  /** Every interval of the job is metered; the amount will not change. */
  complete: Scalars['Boolean']['output'];
  /** ISO 4217. */
  currency: Scalars['String']['output'];
};

export type Export = Node & {
  __typename?: 'Export';
  /** Why it FAILED. */
  failure?: Maybe<Scalars['String']['output']>;
  format: ExportFormat;
  from: Scalars['DateTime']['output'];
  id: Scalars['ID']['output'];
  /** What the ledger held when it was asked for: the same position gives the same file to the byte. */
  ledgerPosition?: Maybe<Scalars['String']['output']>;
  manifest?: Maybe<ExportManifest>;
  /** 0 to 1. */
  progress?: Maybe<Scalars['Float']['output']>;
  requestedAt: Scalars['DateTime']['output'];
  /** Rows in the file. */
  rows?: Maybe<Scalars['Int']['output']>;
  /** Hexadecimal SHA-256 of the file. */
  sha256?: Maybe<Scalars['String']['output']>;
  shape: ExportShape;
  state: ExportState;
  to: Scalars['DateTime']['output'];
  /** Where the file is, with a bearer token that may read it: the right is asked for again. */
  url?: Maybe<Scalars['String']['output']>;
};

export type ExportFormat =
  /** UTF-8 with a header. A text that a spreadsheet would take for a formula has an apostrophe before it. */
  | 'CSV'
  /** One object per line, decimals as strings. */
  | 'JSONL'
  /** Decimals as strings, times as milliseconds in UTC. */
  | 'PARQUET';

/** What stands beside the file as well, as JSON. */
export type ExportManifest = {
  __typename?: 'ExportManifest';
  bytes: Scalars['Decimal']['output'];
  columns: Array<Scalars['String']['output']>;
  format: ExportFormat;
  from: Scalars['DateTime']['output'];
  ledgerPosition: Scalars['String']['output'];
  rows: Scalars['Int']['output'];
  /** Name and version of the columns. */
  schema: Scalars['String']['output'];
  sha256: Scalars['String']['output'];
  to: Scalars['DateTime']['output'];
};

export type ExportShape =
  /**
   * A row per pod, device and interval that has ended, clipped to the export's time; what is still
   * running is not in it. A pod without GPU has one row without a device.
   */
  | 'INTERVALS';

export type ExportState =
  | 'FAILED'
  | 'PENDING'
  | 'READY'
  | 'RUNNING';

export type Job = {
  __typename?: 'Job';
  /** What that costs so far. */
  cost?: Maybe<Cost>;
  id: Scalars['ID']['output'];
  /** What its pods have held so far. */
  usage?: Maybe<JobUsage>;
};

export type JobClass =
  | 'BATCH'
  | 'INFERENCE'
  | 'INTERACTIVE'
  | 'TRAINING';

export type JobUsage = {
  __typename?: 'JobUsage';
  /** Seconds × cores requested. */
  cpuSeconds: Scalars['Decimal']['output'];
  /** Seconds × share of a device, held whether busy or idle. */
  gpuSeconds: Scalars['Decimal']['output'];
  /** Seconds × MiB requested. */
  memoryMiBSeconds: Scalars['Decimal']['output'];
  /** Those of them before containers started: waiting for images, starting up. */
  startUpGpuSeconds: Scalars['Decimal']['output'];
};

export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Asks for a file of the tenant's intervals. It is written in the background: poll `state` until READY.
   * With `dryRun` every check is made, nothing is stored and `export` is null.
   */
  requestExport: RequestExportPayload;
};


export type MutationRequestExportArgs = {
  input: RequestExportInput;
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

export type PreviewPrice = {
  __typename?: 'PreviewPrice';
  /** For maxRuntimeSeconds; null where none is declared. */
  atMost?: Maybe<Scalars['Decimal']['output']>;
  /** ISO 4217. */
  currency: Scalars['String']['output'];
  /** Of all its pods. */
  perHour: Scalars['Decimal']['output'];
};

export type Query = {
  __typename?: 'Query';
  /** An export by its id; null once it is forgotten, 30 days after it was asked for. */
  export?: Maybe<Export>;
  /**
   * What was used from `from` until before `to`, in whole seconds of UTC: the part of every interval that
   * lies there, those still open up to `meteredThrough`. An empty `groupBy` gives one row of totals.
   */
  usage?: Maybe<UsageReport>;
};


export type QueryExportArgs = {
  id: Scalars['ID']['input'];
};


export type QueryUsageArgs = {
  from: Scalars['DateTime']['input'];
  groupBy: Array<UsageDimension>;
  tenantId: Scalars['ID']['input'];
  to: Scalars['DateTime']['input'];
};

export type RequestExportInput = {
  dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  format: ExportFormat;
  /** Whole seconds count. */
  from: Scalars['DateTime']['input'];
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  shape: ExportShape;
  tenantId: Scalars['ID']['input'];
  /** Exclusive. */
  to: Scalars['DateTime']['input'];
};

export type RequestExportPayload = {
  __typename?: 'RequestExportPayload';
  export?: Maybe<Export>;
  userErrors: Array<UserError>;
};

export type UsageDimension =
  /** Day in UTC. */
  | 'DAY'
  /** Hour in UTC. */
  | 'HOUR'
  | 'JOB'
  /** GPU model. */
  | 'MODEL'
  | 'PROJECT'
  | 'TENANT';

export type UsageKey = {
  __typename?: 'UsageKey';
  dimension: UsageDimension;
  /** Slug of the tenant or project, name of the job, where known; otherwise the value itself. */
  label?: Maybe<Scalars['String']['output']>;
  /** Id of the tenant, project or job; model; `2026-01-31`; `2026-01-31T05:00:00Z`. null where there is none, as the model of a pod without GPU. */
  value?: Maybe<Scalars['String']['output']>;
};

export type UsageReport = {
  __typename?: 'UsageReport';
  /** How far every cluster has been observed; usage after it is not known yet. */
  meteredThrough: Scalars['DateTime']['output'];
  /** Ordered by their keys. Never two currencies in one row. */
  rows: Array<UsageRow>;
};

export type UsageRow = {
  __typename?: 'UsageRow';
  /** Exact and unrounded. */
  cost?: Maybe<Scalars['Decimal']['output']>;
  /** Seconds × cores requested. */
  cpuSeconds: Scalars['Decimal']['output'];
  /** ISO 4217. */
  currency?: Maybe<Scalars['String']['output']>;
  /** Seconds × share of a device, held whether busy or idle. */
  gpuSeconds: Scalars['Decimal']['output'];
  /** In the order of `groupBy`. */
  key: Array<UsageKey>;
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
  Export: Export;
  Job: Job;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  AdmissionPreview:
    ( { __typename: 'AdmissionPreview' }
    & GraphQLRecursivePick<FederationTypes['AdmissionPreview'], {"pricing":true}> );
  Export:
    ( { __typename: 'Export' }
    & GraphQLRecursivePick<FederationTypes['Export'], {"id":true}> );
  Job:
    ( { __typename: 'Job' }
    & GraphQLRecursivePick<FederationTypes['Job'], {"id":true}> );
};


/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node: ( ExportMapper );
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AdmissionPreview: ResolverTypeWrapper<AdmissionPreviewMapper>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Cost: ResolverTypeWrapper<Cost>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Cursor: ResolverTypeWrapper<Scalars['Cursor']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Decimal: ResolverTypeWrapper<Scalars['Decimal']['output']>;
  Export: ResolverTypeWrapper<ExportMapper>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ExportFormat: ExportFormat;
  ExportManifest: ResolverTypeWrapper<ExportManifest>;
  ExportShape: ExportShape;
  ExportState: ExportState;
  Job: ResolverTypeWrapper<JobMapper>;
  JobClass: JobClass;
  JobUsage: ResolverTypeWrapper<JobUsageMapper>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PreviewPrice: ResolverTypeWrapper<PreviewPrice>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RequestExportInput: RequestExportInput;
  RequestExportPayload: ResolverTypeWrapper<Omit<RequestExportPayload, 'export'> & { export?: Maybe<ResolversTypes['Export']> }>;
  UsageDimension: UsageDimension;
  UsageKey: ResolverTypeWrapper<UsageKey>;
  UsageReport: ResolverTypeWrapper<UsageReportMapper>;
  UsageRow: ResolverTypeWrapper<UsageRowMapper>;
  UserError: ResolverTypeWrapper<UserError>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AdmissionPreview: AdmissionPreviewMapper;
  ID: Scalars['ID']['output'];
  Cost: Cost;
  Boolean: Scalars['Boolean']['output'];
  String: Scalars['String']['output'];
  Cursor: Scalars['Cursor']['output'];
  DateTime: Scalars['DateTime']['output'];
  Decimal: Scalars['Decimal']['output'];
  Export: ExportMapper;
  Float: Scalars['Float']['output'];
  Int: Scalars['Int']['output'];
  ExportManifest: ExportManifest;
  Job: JobMapper;
  JobUsage: JobUsageMapper;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  PreviewPrice: PreviewPrice;
  Query: Record<PropertyKey, never>;
  RequestExportInput: RequestExportInput;
  RequestExportPayload: Omit<RequestExportPayload, 'export'> & { export?: Maybe<ResolversParentTypes['Export']> };
  UsageKey: UsageKey;
  UsageReport: UsageReportMapper;
  UsageRow: UsageRowMapper;
  UserError: UserError;
};

export type AdmissionPreviewResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AdmissionPreview'] = ResolversParentTypes['AdmissionPreview'], FederationReferenceType extends FederationReferenceTypes['AdmissionPreview'] = FederationReferenceTypes['AdmissionPreview']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['AdmissionPreview']> | FederationReferenceType, FederationReferenceType, ContextType>;
  price?: Resolver<Maybe<ResolversTypes['PreviewPrice']>, ParentType, ContextType>;
  pricing?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type CostResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Cost'] = ResolversParentTypes['Cost']> = {
  amount?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  complete?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
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

export type ExportResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Export'] = ResolversParentTypes['Export'], FederationReferenceType extends FederationReferenceTypes['Export'] = FederationReferenceTypes['Export']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Export']> | FederationReferenceType, FederationReferenceType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  format?: Resolver<ResolversTypes['ExportFormat'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  ledgerPosition?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  manifest?: Resolver<Maybe<ResolversTypes['ExportManifest']>, ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  requestedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  rows?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  sha256?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  shape?: Resolver<ResolversTypes['ExportShape'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['ExportState'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  url?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ExportManifestResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ExportManifest'] = ResolversParentTypes['ExportManifest']> = {
  bytes?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  columns?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  format?: Resolver<ResolversTypes['ExportFormat'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  ledgerPosition?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  rows?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  schema?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sha256?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type JobResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Job'] = ResolversParentTypes['Job'], FederationReferenceType extends FederationReferenceTypes['Job'] = FederationReferenceTypes['Job']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Job']> | FederationReferenceType, FederationReferenceType, ContextType>;
  cost?: Resolver<Maybe<ResolversTypes['Cost']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  usage?: Resolver<Maybe<ResolversTypes['JobUsage']>, ParentType, ContextType>;
};

export type JobUsageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['JobUsage'] = ResolversParentTypes['JobUsage']> = {
  cpuSeconds?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  gpuSeconds?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  memoryMiBSeconds?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  startUpGpuSeconds?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  requestExport?: Resolver<ResolversTypes['RequestExportPayload'], ParentType, ContextType, RequireFields<MutationRequestExportArgs, 'input'>>;
};

export type NodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Export', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PreviewPriceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PreviewPrice'] = ResolversParentTypes['PreviewPrice']> = {
  atMost?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  perHour?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  export?: Resolver<Maybe<ResolversTypes['Export']>, ParentType, ContextType, RequireFields<QueryExportArgs, 'id'>>;
  usage?: Resolver<Maybe<ResolversTypes['UsageReport']>, ParentType, ContextType, RequireFields<QueryUsageArgs, 'from' | 'groupBy' | 'tenantId' | 'to'>>;
};

export type RequestExportPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RequestExportPayload'] = ResolversParentTypes['RequestExportPayload']> = {
  export?: Resolver<Maybe<ResolversTypes['Export']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UsageKeyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageKey'] = ResolversParentTypes['UsageKey']> = {
  dimension?: Resolver<ResolversTypes['UsageDimension'], ParentType, ContextType>;
  label?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type UsageReportResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageReport'] = ResolversParentTypes['UsageReport']> = {
  meteredThrough?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  rows?: Resolver<Array<ResolversTypes['UsageRow']>, ParentType, ContextType>;
};

export type UsageRowResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageRow'] = ResolversParentTypes['UsageRow']> = {
  cost?: Resolver<Maybe<ResolversTypes['Decimal']>, ParentType, ContextType>;
  cpuSeconds?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  currency?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  gpuSeconds?: Resolver<ResolversTypes['Decimal'], ParentType, ContextType>;
  key?: Resolver<Array<ResolversTypes['UsageKey']>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  fix?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  AdmissionPreview?: AdmissionPreviewResolvers<ContextType>;
  Cost?: CostResolvers<ContextType>;
  Cursor?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  Decimal?: GraphQLScalarType;
  Export?: ExportResolvers<ContextType>;
  ExportManifest?: ExportManifestResolvers<ContextType>;
  Job?: JobResolvers<ContextType>;
  JobUsage?: JobUsageResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PreviewPrice?: PreviewPriceResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RequestExportPayload?: RequestExportPayloadResolvers<ContextType>;
  UsageKey?: UsageKeyResolvers<ContextType>;
  UsageReport?: UsageReportResolvers<ContextType>;
  UsageRow?: UsageRowResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};

