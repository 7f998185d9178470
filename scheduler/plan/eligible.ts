import type { DeviceRequest, PodRequest, Toleration } from '../model/gang.ts'
import { type NodeSpec, type ShareEnforcement, type Taint, WHOLE_DEVICE } from '../model/node.ts'
import { isNodeAllowed } from '../model/nodeAffinity.ts'

/** Marks a node that may not take the pod, whatever is free on it. */
export const NOT_ELIGIBLE = -1

/**
 * Whether a node may take such a pod at all: labels, taints, and for a GPU pod at least one device of
 * the right kind. Health and readiness are not asked here: they pass.
 * @param enforcements what has to keep a share to its size; empty: nothing
 * @returns a bit for each device position that would do (0 where no GPU is asked), or NOT_ELIGIBLE
 */
export function eligibleDevices(
  spec: NodeSpec,
  pod: PodRequest,
  enforcements: readonly ShareEnforcement[] = [],
): number {
  for (const [key, value] of Object.entries(pod.nodeSelector)) {
    if (spec.labels[key] !== value) return NOT_ELIGIBLE
  }
  for (const taint of spec.taints) {
    if (taint.effect !== 'PreferNoSchedule' && !pod.tolerations.some((t) => tolerates(t, taint))) return NOT_ELIGIBLE
  }
  if (pod.affinity !== undefined && !isNodeAllowed(spec, pod.affinity)) return NOT_ELIGIBLE
  if (pod.gpu === null) return 0
  if (pod.gpu.thousandths < WHOLE_DEVICE && !isEnforced(spec, enforcements)) return NOT_ELIGIBLE
  const devices = matchingDevices(spec, pod.gpu)
  return devices === 0 ? NOT_ELIGIBLE : devices
}

/** Whether shares there are kept to their size by one of these; where there are none, nothing has to. */
export function isEnforced(
  { shareEnforcement = 'NONE' }: NodeSpec,
  enforcements: readonly ShareEnforcement[],
): boolean {
  return enforcements.length === 0 || enforcements.includes(shareEnforcement)
}

function matchingDevices(spec: NodeSpec, gpu: DeviceRequest): number {
  // DRA devices are given by claims alone; and where the kubelet picks from a count, it picks whole ones.
  if ((spec.deviceControl === 'DRA') !== (gpu.attributes !== undefined)) return 0
  if (spec.deviceControl === 'COUNT' && gpu.thousandths < WHOLE_DEVICE) return 0
  let devices = 0
  for (const [position, device] of spec.devices.entries()) {
    const modelFits = gpu.models.length === 0 || gpu.models.includes(device.model)
    const isAsked = gpu.attributes?.every(({ name, value }) => device.claimable?.attributes[name] === value) ?? true
    if (modelFits && isAsked && device.memoryMiB >= gpu.memoryMiB) devices |= 1 << position
  }
  return devices
}

/** As Kubernetes decides it. */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== '' && toleration.effect !== taint.effect) return false
  if (toleration.key === '') return toleration.operator === 'Exists'
  if (toleration.key !== taint.key) return false
  return toleration.operator === 'Exists' || toleration.value === taint.value
}

/** What of a pod's request decides eligibility: pods alike in this share one answer per node. */
export function eligibilityKey(pod: PodRequest): string {
  const { gpu } = pod
  const devices = gpu && [gpu.memoryMiB, gpu.thousandths < WHOLE_DEVICE, [...gpu.models].sort(), gpu.attributes]
  const required = pod.affinity?.required ?? []
  return JSON.stringify([devices, Object.entries(pod.nodeSelector).sort(), pod.tolerations, required])
}
