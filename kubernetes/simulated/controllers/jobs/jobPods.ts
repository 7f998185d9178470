import type { Job, Pod } from '../../../objects.ts'
import { isTrue } from '../../conditions.ts'

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index'

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false
}

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined
}

export function isTerminating(pod: Pod): boolean {
  return !hasEnded(pod) && pod.metadata.deletionTimestamp !== undefined
}

export function isReady({ status }: Pod): boolean {
  return isTrue(status?.conditions, 'Ready')
}

/** Unless the Job waits for the pod's real end, a pod that is being deleted has failed already. */
export function isFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true
  return job.spec?.podReplacementPolicy !== 'Failed' && isTerminating(pod)
}

/** Completion index; null where the pod has none. */
export function indexOf({ metadata }: Pod): number | null {
  const index = Number(metadata.annotations?.[INDEX_KEY] ?? Number.NaN)
  return Number.isInteger(index) && index >= 0 ? index : null
}

/** When the pod ended: its containers' last end, else since when it is not ready, else when it was deleted or made. */
export function endedAtMs({ status, metadata }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt)
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return Math.max(...ends.map((end) => Date.parse(end)))
  const notReady = status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'False')
  if (notReady?.lastTransitionTime) return Date.parse(notReady.lastTransitionTime)
  if (metadata.deletionTimestamp === undefined) return Date.parse(metadata.creationTimestamp as string)
  return Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1_000
}
