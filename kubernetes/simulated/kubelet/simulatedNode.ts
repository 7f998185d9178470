import { annotations, GPU_RESOURCE, GPU_TAINT, labels } from '../../names.ts'
import type { Node } from '../../objects.ts'
import { hash32 } from '../api/identifiers.ts'

export interface SimulatedNode {
  name: string
  pool: string
  /** null: a node without GPUs. */
  gpuModel: string | null
  gpuCount: number
  gpuMemoryMiB: number
  cpuMilli: number
  memoryMiB: number
  labels?: Record<string, string>
  /** Offered beside CPU, memory, pods and GPUs, by resource name; not enforced. */
  others?: Record<string, string>
  /** Who gives its devices away; default SIMULATED, by annotations. */
  deviceControl?: 'SIMULATED' | 'DRA'
}

export interface NodeDevice {
  index: number
  uuid: string
  memoryMiB: number
  health: 'Healthy'
}

const MAX_PODS = '256'

/** The devices of a node; the same seed gives the same uuids. */
export function devicesOf(node: SimulatedNode, seed: string): NodeDevice[] {
  return Array.from({ length: node.gpuModel === null ? 0 : node.gpuCount }, (_, index) => ({
    index,
    uuid: gpuUuid(`${seed}/${node.name}/${index}`),
    memoryMiB: node.gpuMemoryMiB,
    health: 'Healthy',
  }))
}

/** What the kubelet says of its node when it registers it; `status` goes separately. */
export function nodeObject(node: SimulatedNode, devices: NodeDevice[]): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        ...node.labels,
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        [labels.pool]: node.pool,
        [labels.deviceControl]: node.deviceControl ?? 'SIMULATED',
        ...(node.gpuModel !== null && {
          [labels.gpuModel]: node.gpuModel,
          [labels.gpuMemoryMib]: String(node.gpuMemoryMiB),
        }),
      },
      ...(node.deviceControl !== 'DRA' && { annotations: { [annotations.nodeDevices]: JSON.stringify(devices) } }),
    },
    ...(devices.length > 0 && { spec: { taints: [{ ...GPU_TAINT }] } }),
  }
}

export function nodeStatus(node: SimulatedNode, devices: NodeDevice[], isReady: boolean, now: string): Node['status'] {
  const capacity = {
    cpu: `${node.cpuMilli}m`,
    memory: `${node.memoryMiB}Mi`,
    pods: MAX_PODS,
    ...node.others,
    ...(devices.length > 0 && node.deviceControl !== 'DRA' && { [GPU_RESOURCE]: String(devices.length) }),
  }
  return { capacity, allocatable: capacity, conditions: [readyCondition(isReady, now)] }
}

/** A node that fails does not say so: it is its silence that the cluster notes. */
export function readyCondition(isReady: boolean, now: string) {
  return {
    type: 'Ready',
    status: isReady ? 'True' : 'Unknown',
    reason: isReady ? 'KubeletReady' : 'NodeStatusUnknown',
    message: isReady ? 'kubelet is posting ready status' : 'Kubelet stopped posting node status.',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }
}

function gpuUuid(text: string): string {
  const digits = [0, 1, 2, 3].map((part) => hash32(`${text}/${part}`).toString(16).padStart(8, '0')).join('')
  return `GPU-${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`
}
