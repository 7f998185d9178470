import type { PendingJob } from '../model/job.ts'
import type { ShareEnforcement } from '../model/node.ts'
import type { PendingReason } from '../model/pending.ts'
import type { NodeStop } from '../model/policy.ts'
import type { QueueSpec, Resource } from '../model/queue.ts'
import type { Change } from './smallestChange.ts'

// Plain values throughout: they go from thread to thread.

export type Question =
  | { readonly kind: 'outlook'; readonly uids: readonly string[]; readonly withChanges: boolean }
  | { readonly kind: 'preview'; readonly job: PendingJob }
  | { readonly kind: 'simulation'; readonly changes: WorldChanges; readonly horizonMs: number }
  | { readonly kind: 'defragmentation'; readonly goal: DefragmentationGoal }

export type Answer<Q extends Question['kind']> = Extract<AnswerOf, { kind: Q }>
type AnswerOf =
  | { readonly kind: 'outlook'; readonly outlooks: readonly Outlook[] }
  | { readonly kind: 'preview'; readonly preview: Preview }
  | { readonly kind: 'simulation'; readonly before: Prospect; readonly after: Prospect }
  | { readonly kind: 'defragmentation'; readonly plan: Rearrangement }
export type AnyAnswer = AnswerOf

/** How a waiting job stands now. */
export interface Outlook {
  readonly uid: string
  readonly tenantId: string
  readonly numbers: Numbers | null
  readonly start: ExpectedStart
  /** Empty unless asked for. */
  readonly changes: readonly Change[]
}

/** Of the resource that is short, over all flavors that would do: thousandths of a GPU, milli CPU or MiB. */
export interface Numbers {
  readonly resource: Resource
  readonly asked: number
  /** Of its quota where that is short, otherwise on nodes. */
  readonly free: number
  /** Most of it that is free on one node, or of a share on one device; null where the quota is short. */
  readonly biggestHole: number | null
}

/**
 * NOW: the next plan starts it. RESERVED: places are kept for it. EXPECTED: if all who have declared an end run up to
 * it, and nobody else comes. NONE: an end in its way has not been declared, or is further away than is looked.
 */
export type Sureness = 'NOW' | 'RESERVED' | 'EXPECTED' | 'NONE'
export interface ExpectedStart {
  readonly sureness: Sureness
  /** null: NONE. */
  readonly atMs: number | null
}

export interface Preview {
  /** Why it would not start now; null: it would. */
  readonly reason: PendingReason | null
  readonly isPossible: boolean
  /** Such pods that the cluster's largest pool for them holds when empty. */
  readonly podsWhenEmpty: number
  readonly numbers: Numbers | null
  readonly start: ExpectedStart
  /** Where it would start; null where that is not known. */
  readonly place: {
    readonly flavor: string
    readonly gpuModel: string | null
    readonly nodes: readonly NodePods[]
  } | null
  /** Running jobs that would be stopped for it. */
  readonly stops: number
  readonly changes: readonly Change[]
}
export interface NodePods {
  readonly node: string
  readonly pods: number
}

/** What is tried: all of it at once. */
export interface WorldChanges {
  readonly queues: readonly { readonly name: string; readonly spec: Partial<Omit<QueueSpec, 'name' | 'tenantId'>> }[]
  /** Empty nodes like those that there are of the flavor. */
  readonly addNodes: readonly { readonly flavor: string; readonly count: number }[]
  /** Take no new pods; what runs there runs on. */
  readonly cordonNodes: readonly string[]
  readonly stops: readonly NodeStop[]
  readonly agingMs: number | null
  /** Null: as it is. */
  readonly shareEnforcements: readonly ShareEnforcement[] | null
  readonly jobs: readonly PendingJob[]
}

/** What comes of it. */
export interface Prospect {
  readonly queues: readonly QueueProspect[]
  /** How far it was looked ahead. */
  readonly untilMs: number
}
export interface QueueProspect {
  readonly queue: string
  /** Jobs that wait now. */
  readonly waiting: number
  /** Of those, how many start at once, and until the horizon. */
  readonly startNow: number
  readonly start: number
  /** From now to their starts, of those that start; null: none does. */
  readonly meanWaitMs: number | null
  readonly longestWaitMs: number | null
  /** Running jobs of it that are stopped for others. */
  readonly stopped: number
  /** After the first plan: see QueueFigures. */
  readonly weightedShare: number
  /** Thousandths that its own jobs hold after the first plan. */
  readonly usedGpuThousandths: number
}

/** Room for the waiting job of that id, or so many nodes with all their GPUs free. */
export type DefragmentationGoal = { readonly jobId: string } | { readonly wholeNodes: number }
/** See Defragmentation. */
export interface Rearrangement {
  readonly moves: readonly JobMove[]
  readonly freesNodes: readonly string[]
  readonly freesGpus: number
  readonly pods: number
  readonly lostGpuSeconds: number
}
export interface JobMove {
  readonly uid: string
  readonly queue: string
  readonly from: readonly NodePods[]
  readonly to: readonly NodePods[]
  readonly lostGpuSeconds: number
}
