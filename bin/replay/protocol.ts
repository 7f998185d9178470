import type { SubgraphName } from '../../platform/link/protocol.ts'
import type { ComputeSettings } from '../compute.ts'
import type { SharedTime } from './time.ts'

/** What the two threads of a replay say to each other: a request at a time, each with one answer. */
export type ThreadRequest =
  /** Goes to that time (null: stays) and answers when everything there is settled. */
  | { kind: 'step'; advanceToMs: number | null; through: Through }
  /** Has everything told and acknowledged first. */
  | { kind: 'account' }
export type ThreadAnswer =
  /** Comes once, unasked. */
  | { kind: 'started'; clusterId: string }
  /** When something happens next by itself; null: nothing will, or time runs by itself. */
  | { kind: 'stepped'; nextTimerMs: number | null }
  | { kind: 'accounted'; account: ClusterAccount }

/** Positions of the feeds of directives that must have been applied before an instant is settled. */
export type Through = Partial<Record<SubgraphName, string>>

export interface ReplayThreadData {
  settings: ComputeSettings
  time: SharedTime
  /** See ReplayOptions. */
  forgetEndOfPod: number | null
}

/** What the simulated cluster kept by itself from its own pod records. */
export interface ClusterAccount {
  /** Decimal by tenant id. */
  gpuSecondsByTenant: Record<string, string>
  /** Most that was ever held of one device. */
  peakThousandths: number
  /** Pods that have ended, with devices or without. */
  pods: number
}
