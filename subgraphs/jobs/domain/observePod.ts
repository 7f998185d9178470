import type { PodObservation } from '../../../platform/link/protocol.ts'
import type { PodChange, PodEventType } from './events.ts'
import type { PodRecord } from './pod.ts'

export interface ObservedPod {
  pod: PodRecord
  changes: PodChange[]
}

/** Takes over what the cluster says of a pod, telling each step once. A pod that is gone stays gone. */
export function observePod(known: PodRecord, isNew: boolean, seen: PodObservation, through: string): ObservedPod {
  if (known.goneAt !== null) return { pod: known, changes: [] }
  const isEnded = seen.phase === 'Succeeded' || seen.phase === 'Failed'
  const pod: PodRecord = {
    ...known,
    node: seen.node ?? known.node,
    phase: seen.phase,
    reason: seen.reason,
    admittedAt: seen.admittedAt ?? known.admittedAt,
    startedAt: seen.startedAt ?? known.startedAt,
    finishedAt: seen.finishedAt ?? known.finishedAt ?? (isEnded ? through : null),
    exitCode: seen.exitCode ?? known.exitCode,
    slot: seen.slot ?? known.slot,
    devices: seen.devices.length > 0 ? seen.devices : known.devices,
  }
  const changes: PodChange[] = []
  const tell = (type: PodEventType, at: string) => changes.push({ type, at, pod })
  if (isNew) tell('CREATED', pod.createdAt)
  if (pod.admittedAt !== null && known.admittedAt === null) tell('BOUND', pod.admittedAt)
  if (pod.startedAt !== null && known.startedAt === null) tell('RUNNING', pod.startedAt)
  if (isEnded && pod.finishedAt !== null && (isNew || known.phase !== seen.phase)) {
    tell(seen.phase === 'Succeeded' ? 'SUCCEEDED' : 'FAILED', pod.finishedAt)
  }
  return { pod, changes }
}

/** The pod object is gone; one that had not ended by itself counts as failed, as Kubernetes has it. */
export function observePodGone(known: PodRecord, at: string): ObservedPod {
  if (known.goneAt !== null) return { pod: known, changes: [] }
  const isEnded = known.phase === 'Succeeded' || known.phase === 'Failed'
  const pod: PodRecord = {
    ...known,
    goneAt: at,
    finishedAt: known.finishedAt ?? at,
    phase: isEnded ? known.phase : 'Failed',
    reason: isEnded ? known.reason : 'Deleted',
  }
  return { pod, changes: [{ type: 'GONE', at, pod }] }
}
