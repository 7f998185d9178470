import { labels } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { cpuMilli, memoryMiB } from '../../kubernetes/quantity.ts'
import type { PodObservation } from '../../platform/link/protocol.ts'
import { type Binding, bindingOf, UNBOUND } from './binding.ts'
import { amountIn, textIn } from './claims.ts'
import type { Owner } from './ownership.ts'

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const

/**
 * What jobs, inventory and metering are told of a pod. Never throws, whatever a tenant wrote on it: a pod
 * that were left out would count as gone.
 * @param owner from its namespace
 * @param binding as it was read when the pod was bound, null before
 */
export function observePod(pod: Pod, owner: Owner, binding: Binding | null = bindingOf(pod)): PodObservation {
  const { metadata, spec, status } = pod
  const ended = statuses(pod)[0]?.state?.terminated
  const requests = spec?.containers.map(({ resources }) => resources?.requests ?? {}) ?? []
  const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0)
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    ...owner,
    jobUid: controllingJob(pod)?.uid ?? null,
    jobId: metadata.labels?.[labels.job] ?? null,
    node: spec?.nodeName ?? null,
    phase: PHASES.find((phase) => phase === status?.phase) ?? 'Pending',
    reason: textIn(status?.reason ?? ended?.reason),
    createdAt: metadata.creationTimestamp ?? '',
    ...(binding ?? UNBOUND),
    startedAt: startedAt(pod),
    finishedAt: finishedAt(pod),
    exitCode: ended?.exitCode ?? null,
    cpuMilli: sum(requests.map(({ cpu }) => amountIn(cpu, cpuMilli))),
    memoryMiB: sum(requests.map(({ memory }) => amountIn(memory, memoryMiB))),
  }
}

/** The Job that made the pod. */
export function controllingJob({ metadata }: Pod): { name: string; uid: string } | undefined {
  return metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'Job')
}

/** When its containers started: the first to start, also where it has ended since. */
export function startedAt(pod: Pod): string | null {
  const starts = statuses(pod).map(({ state }) => state?.running?.startedAt ?? state?.terminated?.startedAt)
  return starts.filter((start) => start !== undefined).sort()[0] ?? null
}

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/**
 * When it stopped holding what it held: the last end of its containers. Where one of them has no end
 * (refused by the kubelet, lost with its node), the pod ended when that was noticed.
 */
function finishedAt(pod: Pod): string | null {
  if (!hasEnded(pod)) return null
  const { metadata, status } = pod
  const ends = statuses(pod).map(({ state }) => state?.terminated?.finishedAt)
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return lastOf(ends) ?? null
  const noticed = status?.conditions?.map(({ lastTransitionTime }) => lastTransitionTime) ?? []
  return lastOf([...noticed, status?.startTime]) ?? metadata.deletionTimestamp ?? metadata.creationTimestamp ?? null
}

/** Kubernetes' timestamps sort as text. */
function lastOf(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1)
}

function statuses(pod: Pod): ContainerStatus[] {
  return pod.status?.containerStatuses ?? []
}
