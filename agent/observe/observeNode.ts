import { annotations, GPU_RESOURCE, labels } from '../../kubernetes/names.ts'
import type { Node } from '../../kubernetes/objects.ts'
import { cpuMilli, memoryMiB, wholeUnits } from '../../kubernetes/quantity.ts'
import type { NodeObservation } from '../../platform/link/protocol.ts'

const DEVICE_CONTROLS = ['COUNT', 'ANNOTATION', 'DRA', 'SIMULATED'] as const
/** Nodes without a pool label are one pool, so that nothing of a cluster goes unseen. */
const UNLABELLED_POOL = 'default'

/** What inventory is told of a node. */
export function observeNode(node: Node): NodeObservation {
  const { metadata, status, spec } = node
  const allocatable = status?.allocatable ?? {}
  const label = (key: string) => metadata.labels?.[key]
  const isReady = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return {
    name: metadata.name ?? '',
    pool: label(labels.pool) ?? UNLABELLED_POOL,
    ready: isReady && spec?.unschedulable !== true,
    cpuMilli: cpuMilli(allocatable['cpu'] ?? '0', 'down'),
    memoryMiB: memoryMiB(allocatable['memory'] ?? '0', 'down'),
    gpuModel: label(labels.gpuModel) ?? null,
    deviceControl: DEVICE_CONTROLS.find((control) => control === label(labels.deviceControl)) ?? 'COUNT',
    devices: devicesOf(node, wholeUnits(allocatable[GPU_RESOURCE] ?? '0')),
  }
}

/** Single devices where the node tells them; otherwise as many as the kubelet counts, without identity. */
function devicesOf({ metadata }: Node, count: number): NodeObservation['devices'] {
  const told = metadata.annotations?.[annotations.nodeDevices]
  if (told !== undefined) return JSON.parse(told) as NodeObservation['devices']
  const memory = Number(metadata.labels?.[labels.gpuMemoryMib] ?? 0)
  return Array.from({ length: count }, (_, index) => ({ index, uuid: '', memoryMiB: memory, health: 'Unknown' }))
}
