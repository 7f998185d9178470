import type { Pod } from '../../objects.ts'
import type { PodRequests } from './admitPod.ts'
import type { NodeState } from './nodes.ts'
import type { PodDevice } from './podDevices.ts'
import type { PodEnd } from './podStatus.ts'

/** The kubelet's own record of one pod on one of its nodes. */
export interface PodRun {
  readonly uid: string
  readonly node: NodeState
  readonly devices: readonly PodDevice[]
  readonly requests: PodRequests
  /** When it began to hold its devices. */
  readonly admittedAtMs: number
  /** Newest version seen. */
  pod: Pod
  /** waiting: its node is down. */
  stage: 'waiting' | 'starting' | 'running' | 'ended'
  startedAtMs: number | null
  end: PodEnd | null
  tenantId: string | null
  cancelTimer: (() => void) | undefined
  /** Writes of this pod's status, one after the other. */
  writes: Promise<void>
  /** Its end stands in its status. */
  isReported: boolean
}

const DEFAULT_RUN_SECONDS = 5

interface Script {
  runMs: number
  exitCode: number
  /** From when it is told to end until it has; its grace at most. */
  stopMs: number
}

/** How long the pod runs by itself, and how it ends: what the environment of its first container says. */
export function scriptOf({ spec }: Pod): Script {
  const env = spec?.containers[0]?.env ?? []
  const read = (name: string) => {
    const value = env.find((variable) => variable.name === name)?.value
    return value === undefined || value.trim() === '' ? Number.NaN : Number(value)
  }
  const runSeconds = read('SIM_RUN_SECONDS')
  const exitCode = read('SIM_EXIT_CODE')
  const stopSeconds = read('SIM_STOP_SECONDS')
  return {
    runMs: (runSeconds >= 0 && Number.isFinite(runSeconds) ? runSeconds : DEFAULT_RUN_SECONDS) * 1_000,
    exitCode: Number.isInteger(exitCode) && exitCode >= 0 && exitCode <= 255 ? exitCode : 0,
    stopMs: (stopSeconds >= 0 && Number.isFinite(stopSeconds) ? stopSeconds : 0) * 1_000,
  }
}

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** When the containers started or ended by the pod's own status; null where it does not say. */
export function timesOf({ status }: Pod): { startedAtMs: number | null; finishedAtMs: number | null } {
  const state = status?.containerStatuses?.[0]?.state
  // A pod that was rejected never had a container: it ended when the kubelet first saw it.
  const rejectedAt = status?.phase === 'Failed' && state === undefined ? status.startTime : undefined
  return {
    startedAtMs: parse(state?.running?.startedAt ?? state?.terminated?.startedAt),
    finishedAtMs: parse(state?.terminated?.finishedAt ?? rejectedAt),
  }
}

function parse(timestamp: string | undefined): number | null {
  return timestamp === undefined ? null : Date.parse(timestamp)
}
