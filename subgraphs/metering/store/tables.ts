import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  numeric,
  pgSchema,
  primaryKey,
  real,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { commonTables, xid8 } from '../../../platform/database/common.ts'

export const meteringSchema = pgSchema('metering')

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
} = commonTables(meteringSchema)

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** Pods that have held a node or devices: whose intervals these are. */
export const pods = meteringSchema.table(
  'pods',
  {
    clusterId: text('cluster_id').notNull(),
    uid: text('uid').notNull(),
    /** Tenant and project of the namespace: trusted. */
    tenantId: text('tenant_id').notNull(),
    projectId: text('project_id').notNull(),
    namespace: text('namespace').notNull(),
    name: text('name').notNull(),
    node: text('node'),
    jobUid: text('job_uid'),
    /** From the pod's own label: a claim. */
    claimedJobId: text('claimed_job_id'),
    /** The job it belongs to; null until a fact says so, and never changed after. */
    jobId: text('job_id'),
    /** Transaction that set job_id, so that an export at an earlier ledger position leaves it out. */
    jobXid: xid8('job_xid'),
    /** Epoch of the newest observation. */
    seenEpoch: integer('seen_epoch').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.clusterId, table.uid] }),
    index('pods_job').on(table.jobId),
    index('pods_orphan').on(table.clusterId, table.jobUid).where(sql`job_id is null`),
    index('pods_orphan_claim').on(table.claimedJobId).where(sql`job_id is null`),
  ],
)

/**
 * The ledger: one row per pod and device held, for [start_at, end_at) in whole seconds of domain time.
 * Once CLOSED a row never changes again; a trigger sees to it.
 */
export const intervals = meteringSchema.table(
  'intervals',
  {
    clusterId: text('cluster_id').notNull(),
    podUid: text('pod_uid').notNull(),
    /** Place of the device among the pod's. */
    ordinal: integer('ordinal').notNull(),
    tenantId: text('tenant_id').notNull(),
    projectId: text('project_id').notNull(),
    /** OPEN or CLOSED. */
    state: text('state').notNull(),
    /** What tells the device from others of the cluster: its uuid, or node/index; null: no device, or not known which. */
    device: text('device'),
    deviceIndex: integer('device_index'),
    /** ASSIGNED, OBSERVED or UNKNOWN; null: no device. */
    identity: text('identity'),
    /** null: no device. */
    model: text('model'),
    /** Part of the device; 0: no device. */
    share: numeric('share').notNull(),
    /** Requests of the whole pod on its first row, 0 on the others, so that sums are right. */
    cpuMilli: bigint('cpu_milli', { mode: 'number' }).notNull(),
    memoryMib: bigint('memory_mib', { mode: 'number' }).notNull(),
    /** When it was bound, by the scheduler's word. */
    admittedAt: at('admitted_at').notNull(),
    /** From when it counts: admitted_at, or the end of what held the device until then; null: that has not ended. */
    startAt: at('start_at'),
    /** When its containers started; before that it was waiting for images and starting up. */
    startedAt: at('started_at'),
    /** While OPEN null, except where the device is known to have been another's from then on. */
    endAt: at('end_at'),
    /** What closed it: FINISHED, GONE (deleted without a word of its end) or RESYNC (an estimate: not there any more). */
    ending: text('ending'),
    /** Start or end were moved so that the device is never held more than once over. */
    clamped: boolean('clamped').notNull(),
    /** Per second of the whole device. */
    unitPrice: numeric('unit_price').notNull(),
    currency: text('currency').notNull(),
    priceVersion: integer('price_version').notNull(),
    /** share × seconds, exact; null while OPEN. */
    gpuSeconds: numeric('gpu_seconds'),
    /** gpu_seconds × unit_price, exact and unrounded; null while OPEN. */
    cost: numeric('cost'),
    /** Transaction that closed it: its place in the ledger. */
    xid: xid8('xid'),
  },
  (table) => [
    primaryKey({ columns: [table.clusterId, table.podUid, table.ordinal] }),
    index('intervals_tenant').on(table.tenantId, table.startAt, table.clusterId, table.podUid, table.ordinal),
    // Apart by state, so that neither lookup can read what only the other wants.
    index('intervals_closed').on(table.clusterId, table.device, table.endAt).where(sql`state = 'CLOSED'`),
    index('intervals_open').on(table.clusterId, table.device).where(sql`state = 'OPEN'`),
  ],
)

/** Versions of the price list; each holds from its time until the next one's. */
export const priceLists = meteringSchema.table('price_lists', {
  version: integer('version').primaryKey(),
  effectiveFrom: at('effective_from').notNull(),
  currency: text('currency').notNull(),
})

/** Price of one second of a whole device; model `*` is any other. */
export const prices = meteringSchema.table(
  'prices',
  {
    version: integer('version')
      .notNull()
      .references(() => priceLists.version),
    model: text('model').notNull(),
    unitPrice: numeric('unit_price').notNull(),
  },
  (table) => [primaryKey({ columns: [table.version, table.model] })],
)

/** Outcomes that were told as facts: said again only where figures change. */
export const meteredJobs = meteringSchema.table('metered_jobs', {
  jobId: text('job_id').primaryKey(),
  tenantId: text('tenant_id').notNull(),
  gpuSeconds: numeric('gpu_seconds').notNull(),
  cost: numeric('cost').notNull(),
  currency: text('currency').notNull(),
  at: at('at').notNull(),
})

export const exports = meteringSchema.table(
  'exports',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    requestedBy: text('requested_by').notNull(),
    requestedAt: at('requested_at').notNull(),
    rangeFrom: at('range_from').notNull(),
    rangeTo: at('range_to').notNull(),
    shape: text('shape').notNull(),
    format: text('format').notNull(),
    state: text('state').notNull(),
    /** Rows of transactions below this one are in it. */
    ledgerPosition: xid8('ledger_position').notNull(),
    progress: real('progress').notNull(),
    rows: integer('rows'),
    bytes: bigint('bytes', { mode: 'number' }),
    sha256: text('sha256'),
    failure: text('failure'),
    /** How often a worker has begun it; also tells one worker's run from a later one's. */
    attempts: integer('attempts').notNull(),
    /** Wall time until which the worker that took it has it for itself. */
    leasedUntil: at('leased_until'),
  },
  (table) => [
    index('exports_tenant').on(table.tenantId, table.id),
    index('exports_unfinished').on(table.requestedAt, table.id).where(sql`state in ('PENDING', 'RUNNING')`),
    index('exports_ended').on(table.requestedAt, table.id).where(sql`state in ('READY', 'FAILED')`),
  ],
)
