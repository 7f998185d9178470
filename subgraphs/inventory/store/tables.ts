import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core'
import { commonTables } from '../../../platform/database/common.ts'

export const inventorySchema = pgSchema('inventory')

export const {
  events,
  eventHorizons,
  logEpoch,
  feedEntries,
  feedSequence,
  knownFacts,
  factsThrough,
  observationProgress,
  quarantine,
  idempotency,
  retentionMarks,
  auditLog,
} = commonTables(inventorySchema)

const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

export const clusters = inventorySchema.table('clusters', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  kubernetesVersion: text('kubernetes_version').notNull(),
  registeredAt: at('registered_at').notNull(),
  /** As last published in the cluster's fact, so that only a change is published again. */
  flavors: jsonb('flavors').notNull(),
})

/** What operators give out so that a cluster may join. Of each secret only the hash is kept. */
export const joinTokens = inventorySchema.table('join_tokens', {
  id: text('id').primaryKey(),
  clusterName: text('cluster_name').notNull(),
  secretHash: text('secret_hash').notNull().unique(),
  createdAt: at('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  expiresAt: at('expires_at').notNull(),
  revokedAt: at('revoked_at'),
  /** The one cluster that has used it. */
  clusterUid: text('cluster_uid'),
  usedAt: at('used_at'),
})

/** What agents keep instead of the join token; it ends with that. */
export const agentCredentials = inventorySchema.table('agent_credentials', {
  secretHash: text('secret_hash').primaryKey(),
  joinTokenId: text('join_token_id')
    .notNull()
    .references(() => joinTokens.id),
  clusterUid: text('cluster_uid').notNull(),
  issuedAt: at('issued_at').notNull(),
})

/** One row per (cluster, pool) ever seen, so that ids are kept while a pool is scaled to nothing. */
export const nodePools = inventorySchema.table(
  'node_pools',
  {
    id: text('id').primaryKey(),
    clusterId: text('cluster_id')
      .notNull()
      .references(() => clusters.id),
    name: text('name').notNull(),
    gpuModel: text('gpu_model'),
    deviceControl: text('device_control').notNull(),
  },
  (table) => [unique('node_pools_name').on(table.clusterId, table.name)],
)

export const nodes = inventorySchema.table(
  'nodes',
  {
    clusterId: text('cluster_id').notNull(),
    name: text('name').notNull(),
    pool: text('pool').notNull(),
    ready: boolean('ready').notNull(),
    cpuMilli: integer('cpu_milli').notNull(),
    memoryMib: integer('memory_mib').notNull(),
    gpuModel: text('gpu_model'),
    deviceControl: text('device_control').notNull(),
    gpuCount: integer('gpu_count').notNull(),
    gpuMemoryMib: integer('gpu_memory_mib').notNull(),
    /** What keeps shares of its devices to their size; null: nothing. */
    shareEnforcement: text('share_enforcement'),
    /** Sum of the shares in pod_devices, told apart by device or not. */
    allocatedGpus: numeric('allocated_gpus').notNull().default('0'),
    /** Agent's epoch that mentioned it last: what an epoch's resync leaves out is gone. */
    seenEpoch: integer('seen_epoch').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.clusterId, table.name] }),
    foreignKey({ columns: [table.clusterId, table.pool], foreignColumns: [nodePools.clusterId, nodePools.name] }),
    index('nodes_of_pool').on(table.clusterId, table.pool),
  ],
)

export const gpus = inventorySchema.table(
  'gpus',
  {
    id: text('id').primaryKey(),
    clusterId: text('cluster_id').notNull(),
    node: text('node').notNull(),
    index: integer('index').notNull(),
    uuid: text('uuid').notNull(),
    model: text('model').notNull(),
    memoryMib: integer('memory_mib').notNull(),
    health: text('health').notNull(),
    /** Sum of the shares in pod_devices. */
    allocated: numeric('allocated').notNull().default('0'),
  },
  (table) => [
    unique('gpus_place').on(table.clusterId, table.node, table.index),
    foreignKey({ columns: [table.clusterId, table.node], foreignColumns: [nodes.clusterId, nodes.name] }).onDelete(
      'cascade',
    ),
  ],
)

/** What bound pods that have not ended hold: a row per pod and device. */
export const podDevices = inventorySchema.table(
  'pod_devices',
  {
    clusterId: text('cluster_id').notNull(),
    podUid: text('pod_uid').notNull(),
    ordinal: integer('ordinal').notNull(),
    tenantId: text('tenant_id').notNull(),
    node: text('node').notNull(),
    /** null: the pool does not tell which. */
    deviceIndex: integer('device_index'),
    share: numeric('share').notNull(),
    seenEpoch: integer('seen_epoch').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.clusterId, table.podUid, table.ordinal] }),
    index('pod_devices_on_node').on(table.clusterId, table.node),
  ],
)

export const queues = inventorySchema.table(
  'queues',
  {
    id: text('id').primaryKey(),
    /** null: shared. */
    tenantId: text('tenant_id'),
    name: text('name').notNull(),
    /** Name of the Queue object in every cluster. */
    objectName: text('object_name').notNull().unique(),
    parentId: text('parent_id'),
    generation: integer('generation').notNull(),
    /** Quota[] of domain/quota.ts. */
    quotas: jsonb('quotas').notNull(),
    weight: numeric('weight').notNull(),
    queueingStrategy: text('queueing_strategy').notNull().default('BEST_EFFORT_FIFO'),
    stopPolicy: text('stop_policy').notNull().default('NONE'),
    minRuntimeSeconds: integer('min_runtime_seconds').notNull().default(0),
    whenCanBorrow: text('when_can_borrow').notNull().default('MAY_STOP_SEARCH'),
    whenCanPreempt: text('when_can_preempt').notNull().default('TRY_NEXT_FLAVOR'),
    /** Of a root; null: only what is held counts in shares. */
    usageHalfLifeSeconds: integer('usage_half_life_seconds'),
    /** As published in the queue's fact; null: unbounded. */
    maxGpus: numeric('max_gpus'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    unique('queues_name').on(table.tenantId, table.name).nullsNotDistinct(),
    foreignKey({ columns: [table.parentId], foreignColumns: [table.id] }),
    index('queues_of_parent').on(table.parentId),
  ],
)

/** A queue's numbers in one cluster. */
export const queueNumbers = inventorySchema.table(
  'queue_numbers',
  {
    queueId: text('queue_id')
      .notNull()
      .references(() => queues.id),
    clusterId: text('cluster_id').notNull(),
    /** The queue's. */
    tenantId: text('tenant_id'),
    pending: integer('pending').notNull(),
    admitted: integer('admitted').notNull(),
    usedGpus: numeric('used_gpus').notNull(),
    pendingGpus: numeric('pending_gpus').notNull(),
    seenEpoch: integer('seen_epoch').notNull(),
  },
  (table) => [primaryKey({ columns: [table.queueId, table.clusterId] })],
)

/** What each cluster's scheduler plans from, as its agent told it last. */
export const snapshots = inventorySchema.table('snapshots', {
  clusterId: text('cluster_id')
    .primaryKey()
    .references(() => clusters.id),
  epoch: integer('epoch').notNull(),
  version: bigint('version', { mode: 'number' }).notNull(),
  /** Domain time as of which it holds. */
  at: at('at').notNull(),
  /** As the agent compressed it. */
  body: bytes('body').notNull(),
})

/** What a queue has, lends and borrows in one cluster, as of the cluster's snapshot. */
export const queueFigures = inventorySchema.table(
  'queue_figures',
  {
    queueId: text('queue_id')
      .notNull()
      .references(() => queues.id),
    clusterId: text('cluster_id').notNull(),
    /** The queue's. */
    tenantId: text('tenant_id'),
    at: at('at').notNull(),
    weightedShare: doublePrecision('weighted_share').notNull(),
    /** [{ flavor, resource, used, pending, nominal, borrowed, lent, reclaimable }] */
    cells: jsonb('cells').notNull(),
  },
  (table) => [primaryKey({ columns: [table.queueId, table.clusterId] })],
)

/** What queue_figures came to over all clusters, a row for each minute in which they changed. */
export const queueSamples = inventorySchema.table(
  'queue_samples',
  {
    queueId: text('queue_id')
      .notNull()
      .references(() => queues.id),
    /** Start of the minute. */
    minute: at('minute').notNull(),
    /** The queue's. */
    tenantId: text('tenant_id'),
    at: at('at').notNull(),
    pending: integer('pending').notNull(),
    admitted: integer('admitted').notNull(),
    weightedShare: doublePrecision('weighted_share').notNull(),
    cells: jsonb('cells').notNull(),
  },
  (table) => [primaryKey({ columns: [table.queueId, table.minute] }), index('queue_samples_minute').on(table.minute)],
)

/** Scheduling policies as operators have written them. Never changed. */
export const policyVersions = inventorySchema.table('policy_versions', {
  id: text('id').primaryKey(),
  comment: text('comment').notNull(),
  /** SchedulingPolicyWish. */
  spec: jsonb('spec').notNull(),
  createdAt: at('created_at').notNull(),
  createdBy: text('created_by').notNull(),
})

/** Each wish for a cluster, the newest generation counts. */
export const clusterPolicies = inventorySchema.table(
  'cluster_policies',
  {
    clusterId: text('cluster_id')
      .notNull()
      .references(() => clusters.id),
    generation: integer('generation').notNull(),
    policyId: text('policy_id')
      .notNull()
      .references(() => policyVersions.id),
    /** Generation of the wish that a rollback goes back to; null: there was none. */
    before: integer('before'),
    appliedAt: at('applied_at').notNull(),
    appliedBy: text('applied_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.clusterId, table.generation] })],
)

/** What each cluster's agent has seen of its policy. */
export const observedPolicies = inventorySchema.table('observed_policies', {
  clusterId: text('cluster_id').primaryKey(),
  /** null: it was not applied by the control plane. */
  generation: integer('generation'),
  isFollowed: boolean('is_followed').notNull(),
})
