import { annotations, labels, SCHEDULER_NAME } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { thousandths } from '../../kubernetes/quantity.ts'
import { type HeldDevices, type Holding, WHOLE_DEVICE } from '../model/node.ts'
import type { AntiAffinityRule } from '../model/podRules.ts'
import { type GroupPod, readGroupPod } from './groups/groupPod.ts'
import { effectiveRequests } from './podSpec.ts'
import { readAntiAffinity } from './readPodRules.ts'

/** What a pod says to the scheduler. */
export interface ReadPod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly resourceVersion: string
  readonly createdMs: number
  /** Uid of the Job that made it. */
  readonly jobUid: string | null
  /** Completion index. */
  readonly index: number | null
  /** Waits for us to bind it. */
  readonly isCandidate: boolean
  readonly node: string | null
  /** Its containers have ended for good: it holds nothing. */
  readonly hasEnded: boolean
  readonly hasSucceeded: boolean
  readonly slot: number | null
  /** Queue it counts in, as we wrote it: its Job may be gone before it. */
  readonly queue: string | null
  /** Start of the interval in which it holds its devices, as we wrote it. */
  readonly admittedAtMs: number | null
  /** Last end of its containers. */
  readonly endedMs: number | null
  /** Why its kubelet did not let it in. */
  readonly rejection: string | null
  readonly labels: Readonly<Record<string, string>>
  /** Others that may not be near it. */
  readonly antiAffinity: readonly AntiAffinityRule[]
  /** Names of its ResourceClaims; null: not all of them have been made yet. */
  readonly claims: readonly string[] | null
  /** Null: it belongs to none. */
  readonly group: GroupPod | null
  /** What it takes of its node. */
  readonly holding: Holding
}

export function readPod(pod: Pod): ReadPod {
  const { metadata, spec, status } = pod
  const told = metadata.annotations ?? {}
  const owner = metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'Job')
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  const claims = claimsOf(spec, status)
  const ends = (status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    createdMs: Date.parse(metadata.creationTimestamp ?? '') || 0,
    jobUid: owner?.uid ?? null,
    index: readCount(told[COMPLETION_INDEX]),
    isCandidate:
      spec?.schedulerName === SCHEDULER_NAME &&
      spec.nodeName === undefined &&
      metadata.deletionTimestamp === undefined &&
      claims !== null &&
      !hasEnded,
    node: spec?.nodeName ?? null,
    hasEnded,
    hasSucceeded: status?.phase === 'Succeeded',
    slot: readCount(told[annotations.slot]),
    queue: told[labels.queue] ?? null,
    admittedAtMs: Date.parse(told[annotations.admittedAt] ?? '') || null,
    endedMs: ends.length > 0 && !ends.some(Number.isNaN) ? Math.max(...ends) : null,
    rejection: status?.phase === 'Failed' && isRejection(status.reason) ? (status.reason ?? null) : null,
    labels: metadata.labels ?? {},
    antiAffinity: readAntiAffinity(spec, metadata.namespace ?? ''),
    claims,
    group: readGroupPod(pod),
    holding: holdingOf(spec, told),
  }
}

const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'

/** Kubernetes makes claims from templates after the pod, and says then what they are called. */
function claimsOf(spec: Pod['spec'], status: Pod['status']): string[] | null {
  const names: string[] = []
  for (const { name, resourceClaimName } of spec?.resourceClaims ?? []) {
    if (resourceClaimName !== undefined) names.push(resourceClaimName)
    else {
      const made = status?.resourceClaimStatuses?.find((each) => each.name === name)
      if (made === undefined) return null
      if (made.resourceClaimName !== undefined) names.push(made.resourceClaimName)
    }
  }
  return names
}

/** Reasons with which a kubelet turns away a pod that was bound to it, before anything of it runs. */
function isRejection(reason: string | undefined): boolean {
  return (
    reason !== undefined &&
    (reason.startsWith('OutOf') || reason === 'UnexpectedAdmissionError' || reason === 'NodeAffinity')
  )
}

function holdingOf(spec: Pod['spec'], told: Record<string, string>): Holding {
  const { gpus, ...rest } = spec === undefined ? { cpuMilli: 0, memoryMiB: 0, gpus: 0 } : effectiveRequests(spec)
  const memory = Number(told[annotations.gpuMemoryMib] ?? 0) || 0
  const assigned = readDevices(told[annotations.devices])
  if (assigned !== null) return { ...rest, gpu: { ...assigned, memoryMiB: memory } }
  // Bound by somebody else: it says how many devices it has, not which.
  const gpu: HeldDevices | null = gpus > 0 ? { devices: gpus, thousandths: WHOLE_DEVICE, memoryMiB: 0 } : null
  return { ...rest, gpu }
}

/** The devices that stand on a pod; null where there are none, or nothing that could be read. */
function readDevices(text: string | undefined): { devices: number[]; thousandths: number } | null {
  if (text === undefined) return null
  try {
    const list = JSON.parse(text) as { index: number; share: string }[]
    const devices = list.map(({ index }) => index)
    if (devices.length === 0 || !devices.every(Number.isSafeInteger)) return null
    return { devices, thousandths: thousandths(list[0]?.share ?? '') }
  } catch {
    return null
  }
}

function readCount(text: string | undefined): number | null {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isSafeInteger(value) && value >= 0 ? value : null
}
