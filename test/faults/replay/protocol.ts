import type { ComputeSettings } from '../../../bin/compute.ts'
import type { ClusterAccount } from '../../../bin/replay/protocol.ts'

/** The first message to a compute process. */
export interface ComputeStart {
  settings: ComputeSettings
  startMs: number
}

/** What is asked of it afterwards, one at a time. */
export type ComputeRequest =
  /** Goes to that time (null: stays), and answers when what there is to do at it is done. */
  | { kind: 'step'; advanceToMs: number | null; settled: Settled }
  /** From now on nothing reaches the control plane, or everything does again. */
  | { kind: 'cutOff'; isCutOff: boolean }
  /** Has everything told and acknowledged first. */
  | { kind: 'account' }

export type ComputeAnswer =
  | { kind: 'started'; nextTimerMs: number | null }
  | { kind: 'stepped'; nextTimerMs: number | null }
  | { kind: 'cutOff' }
  | { kind: 'accounted'; account: ClusterAccount }

export interface Settled {
  /** Jobs of the API that must have been seen as objects of the cluster, by this process. */
  jobIds: readonly string[]
  /** Observations that may still be unacknowledged, for each subgraph. */
  backlog: number
}
