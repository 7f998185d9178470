import { toSecondsTimestamp } from '../../../platform/clock.ts'
import type { Pod } from '../../objects.ts'
import { withCondition } from '../conditions.ts'
import type { Rejection } from './admitPod.ts'

export type PodStatus = NonNullable<Pod['status']>
type ContainerState = NonNullable<NonNullable<PodStatus['containerStatuses']>[number]['state']>

/** How a pod ended. */
export interface PodEnd {
  exitCode: number
  finishedAtMs: number
  /** Why its container ended, in the kubelet's words. */
  reason: 'Completed' | 'Error' | 'ContainerStatusUnknown'
  /** Set where the node was lost: the end is a disruption, not the program's doing. */
  isDisruption: boolean
}

export function creatingStatus(pod: Pod, nowMs: number): PodStatus {
  const now = toSecondsTimestamp(nowMs)
  return {
    ...pod.status,
    phase: 'Pending',
    startTime: now,
    conditions: conditions(
      pod,
      { Initialized: 'True', ContainersReady: 'False', Ready: 'False' },
      now,
      'ContainersNotReady',
    ),
    containerStatuses: containers(pod, { waiting: { reason: 'ContainerCreating' } }, false),
  }
}

export function runningStatus(pod: Pod, startedAtMs: number): PodStatus {
  const startedAt = toSecondsTimestamp(startedAtMs)
  return {
    ...pod.status,
    phase: 'Running',
    startTime: pod.status?.startTime ?? startedAt,
    conditions: conditions(pod, { Initialized: 'True', ContainersReady: 'True', Ready: 'True' }, startedAt),
    containerStatuses: containers(pod, { running: { startedAt } }, true),
  }
}

/** @param startedAtMs null where its containers never ran */
export function endedStatus(pod: Pod, startedAtMs: number | null, end: PodEnd): PodStatus {
  const finishedAt = toSecondsTimestamp(end.finishedAtMs)
  const hasSucceeded = end.exitCode === 0
  const reason = hasSucceeded ? 'PodCompleted' : 'PodFailed'
  const ended = conditions(pod, { Initialized: 'True', ContainersReady: 'False', Ready: 'False' }, finishedAt, reason)
  const terminated = {
    exitCode: end.exitCode,
    reason: end.reason,
    ...(startedAtMs !== null && { startedAt: toSecondsTimestamp(startedAtMs) }),
    finishedAt,
  }
  return {
    ...pod.status,
    phase: hasSucceeded ? 'Succeeded' : 'Failed',
    startTime: pod.status?.startTime ?? finishedAt,
    conditions: end.isDisruption ? withDisruption(ended, finishedAt) : ended,
    containerStatuses: containers(pod, { terminated }, false),
  }
}

export function rejectedStatus(pod: Pod, rejection: Rejection, nowMs: number): PodStatus {
  return { ...pod.status, phase: 'Failed', startTime: toSecondsTimestamp(nowMs), ...rejection }
}

function conditions(
  { status }: Pod,
  wanted: Record<string, 'True' | 'False'>,
  now: string,
  reason?: string,
): NonNullable<PodStatus['conditions']> {
  let result = status?.conditions ?? []
  for (const [type, value] of Object.entries(wanted)) {
    const because = value === 'False' && reason !== undefined ? { reason } : {}
    result = withCondition(result, { type, status: value, ...because }, now) as typeof result
  }
  return result
}

function withDisruption(ended: NonNullable<PodStatus['conditions']>, now: string): typeof ended {
  const lost = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node is lost' }
  return withCondition(ended, lost, now) as typeof ended
}

function containers(
  { spec }: Pod,
  state: ContainerState,
  isReady: boolean,
): NonNullable<PodStatus['containerStatuses']> {
  return (spec?.containers ?? []).map(({ name, image }) => ({
    name,
    image: image ?? '',
    imageID: '',
    ready: isReady,
    started: isReady,
    restartCount: 0,
    state,
  }))
}
