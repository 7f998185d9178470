/** What a queue is; a new object whenever any of it changes, the same object as long as nothing does. */
export interface QueueSpec {
  readonly name: string
  readonly parent: string | null
  /** Tenant whose jobs alone may use it; null: shared. */
  readonly tenantId: string | null
  /** A flavor and resource without a quota here is bounded by the ancestors alone. */
  readonly quotas: readonly Quota[]
  /** Share among siblings in thousandths. */
  readonly weightThousandths: number
  readonly strategy: QueueingStrategy
  readonly stopPolicy: StopPolicy
  /** How long its jobs run before they may be stopped for others. */
  readonly minRuntimeMs: number
  readonly flavorFungibility: FlavorFungibility
  /** Of a root: how old usage is when half of it counts in the shares of its tree; null: only what is held counts. */
  readonly usageHalfLifeMs: number | null
  /**
   * Money this cluster may commit for the queue, leased from the budget's remainder. A job commits
   * price × devices × its longest run, from admission on; past `expiresMs` nothing may be committed.
   * Absent: the queue has no budget.
   */
  readonly lease?: { readonly amount: string; readonly epoch: number; readonly expiresMs: number }
}

/** BestEffortFIFO: a job that finds no room lets those behind it try. StrictFIFO: they wait until it has started. */
export type QueueingStrategy = 'BestEffortFIFO' | 'StrictFIFO'

/** Hold: nothing is admitted, here or below. HoldAndDrain: and what runs is stopped. */
export type StopPolicy = 'None' | 'Hold' | 'HoldAndDrain'

/** When a job goes on to a flavor that its queue prefers less: Kueue's names and defaults. */
export interface FlavorFungibility {
  /** TryNextFlavor: a flavor in which the queue stays within its nominal quota goes before those in which it borrows. */
  readonly whenCanBorrow: 'MayStopSearch' | 'TryNextFlavor'
  /** MayStopSearch: others are stopped in a flavor before the next one is tried. */
  readonly whenCanPreempt: 'MayStopSearch' | 'TryNextFlavor'
}

/** A queue of which nothing has been said. */
export const QUEUE_DEFAULTS: Omit<QueueSpec, 'name'> = {
  parent: null,
  tenantId: null,
  quotas: [],
  weightThousandths: 1000,
  strategy: 'BestEffortFIFO',
  stopPolicy: 'None',
  minRuntimeMs: 0,
  flavorFungibility: { whenCanBorrow: 'MayStopSearch', whenCanPreempt: 'TryNextFlavor' },
  usageHalfLifeMs: null,
}

/** Integers: thousandths of a GPU, milli CPU, MiB. */
export interface Quota {
  /** Node pool; ANY_FLAVOR counts over all of them. */
  readonly flavor: string
  readonly resource: Resource
  readonly nominalQuota: number
  /** Most that may be used above nominalQuota; null: as much as the tree has. */
  readonly borrowingLimit: number | null
  /** Most of nominalQuota that others may use while it is idle; null: all of it. */
  readonly lendingLimit: number | null
}

export const ANY_FLAVOR = '*'
export const RESOURCES = ['GPU', 'CPU', 'MEMORY'] as const
export type Resource = (typeof RESOURCES)[number]
export type Amounts = Readonly<Record<Resource, number>>

export function plus(a: Amounts, b: Amounts): Amounts {
  return { GPU: a.GPU + b.GPU, CPU: a.CPU + b.CPU, MEMORY: a.MEMORY + b.MEMORY }
}

/** A queue and what its own jobs hold, by flavor. Never changed in place. */
export interface QueueState {
  readonly spec: QueueSpec
  readonly usage: ReadonlyMap<string, Amounts>
  /** What they had on average of late, by flavor: the older, the less it counts. Empty where the tree has no half-life. */
  readonly past: ReadonlyMap<string, Amounts>
}

/** Queue of jobs that name none, where it exists. */
export const DEFAULT_QUEUE = 'default'
