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
}

/** Queue of jobs that name none, where it exists. */
export const DEFAULT_QUEUE = 'default'
