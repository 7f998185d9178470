import { annotations, labels } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { cpuMilli, memoryMiB } from '../../kubernetes/quantity.ts'
import type { PodObservation } from '../../platform/link/protocol.ts'

type Devices = PodObservation['devices']
type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

/** What jobs, inventory and metering are told of a pod; `owner` comes from its namespace. */
export function observePod(pod: Pod, owner: { tenantId: string; projectId: string }): PodObservation {
  const { metadata, spec, status } = pod
  const note = (key: string) => metadata.annotations?.[key] ?? null
  const controller = metadata.ownerReferences?.find((reference) => reference.controller && reference.kind === 'Job')
  const slot = note(annotations.slot)
  const requests = spec?.containers.map(({ resources }) => resources?.requests ?? {}) ?? []
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    ...owner,
    jobUid: controller?.uid ?? null,
    jobId: metadata.labels?.[labels.job] ?? null,
    node: spec?.nodeName ?? null,
    phase: (status?.phase as PodObservation['phase'] | undefined) ?? 'Pending',
    reason: status?.reason ?? mainContainer(pod)?.state?.terminated?.reason ?? null,
    createdAt: metadata.creationTimestamp ?? '',
    admittedAt: spec?.nodeName ? note(annotations.admittedAt) : null,
    startedAt: startedAt(pod),
    finishedAt: finishedAt(pod),
    exitCode: mainContainer(pod)?.state?.terminated?.exitCode ?? null,
    slot: slot === null ? null : Number(slot),
    cpuMilli: requests.reduce((sum, { cpu }) => sum + cpuMilli(cpu ?? '0', 'up'), 0),
    memoryMiB: requests.reduce((sum, { memory }) => sum + memoryMiB(memory ?? '0', 'up'), 0),
    devices: devicesOf(note(annotations.devices)),
  }
}

/** When its containers started: the first to start, also where it has ended since. */
export function startedAt(pod: Pod): string | null {
  const starts = statuses(pod).map(({ state }) => state?.running?.startedAt ?? state?.terminated?.startedAt)
  return starts.filter((start) => start !== undefined).sort()[0] ?? null
}

/**
 * When it stopped holding what it held: the last end of its containers. One that ended without
 * any (refused by the kubelet, lost with its node) ended when that was noticed.
 */
function finishedAt(pod: Pod): string | null {
  if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') return null
  const ends = statuses(pod).map(({ state }) => state?.terminated?.finishedAt)
  const last = ends
    .filter((end) => end !== undefined)
    .sort()
    .at(-1)
  if (last) return last
  const noticed = pod.status.conditions
    ?.map(({ lastTransitionTime }) => lastTransitionTime ?? '')
    .sort()
    .at(-1)
  return (
    pod.metadata.deletionTimestamp ??
    (noticed || null) ??
    pod.status.startTime ??
    pod.metadata.creationTimestamp ??
    null
  )
}

function mainContainer(pod: Pod): ContainerStatus | undefined {
  return statuses(pod)[0]
}

function statuses(pod: Pod): ContainerStatus[] {
  return pod.status?.containerStatuses ?? []
}

/** The scheduler wrote them with the binding; what a tenant wrote on a pod template is overwritten by then. */
function devicesOf(text: string | null): Devices {
  if (text === null) return []
  const devices = JSON.parse(text) as { index: number; uuid: string; model: string; share: string }[]
  return devices.map(({ index, uuid, model, share }) => ({
    index,
    uuid: uuid || null,
    model,
    share,
    identity: uuid ? 'ASSIGNED' : 'UNKNOWN',
  }))
}
