import { annotations, GPU_RESOURCE, labels, SHARE_ENFORCEMENTS } from '../../kubernetes/names.ts'
import type { Node } from '../../kubernetes/objects.ts'
import { cpuMilli, memoryMiB, wholeUnits } from '../../kubernetes/quantity.ts'
import { type DeviceControl, type DeviceSpec, MAX_DEVICES_PER_NODE, type NodeSpec } from '../model/node.ts'
import { isSize } from '../model/others.ts'

/**
 * What a node offers. A node without a pool's label is a pool of its GPU model, or the pool "default".
 * @param claimable what ResourceSlices tell of it, which is all it has where devices are given by claims
 */
export function readNode(node: Node, claimable: readonly DeviceSpec[] = []): NodeSpec {
  const told = node.metadata.labels ?? {}
  const allocatable = node.status?.allocatable ?? {}
  const deviceControl = readControl(told[labels.deviceControl])
  const isReady = node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return {
    name: node.metadata.name ?? '',
    flavor: told[labels.pool] ?? told[labels.gpuModel] ?? 'default',
    accepting: isReady && node.spec?.unschedulable !== true && node.metadata.deletionTimestamp === undefined,
    labels: told,
    taints: (node.spec?.taints ?? []).map(({ key, value, effect }) => ({ key, value: value ?? '', effect })),
    deviceControl,
    ...readEnforcement(told[labels.shareEnforcement]),
    cpuMilli: cpuMilli(allocatable.cpu ?? '0', 'down'),
    memoryMiB: memoryMiB(allocatable.memory ?? '0', 'down'),
    pods: wholeUnits(allocatable.pods ?? '0'),
    ...readOthers(allocatable),
    devices: readDevices(node, deviceControl, claimable).slice(0, MAX_DEVICES_PER_NODE),
  }
}

function readOthers(allocatable: Record<string, string>): Pick<NodeSpec, 'others'> {
  const { cpu: _, memory: __, pods: ___, [GPU_RESOURCE]: ____, ...rest } = allocatable
  const others = Object.entries(rest).map(([name, quantity]): [string, number] => {
    return [name, isSize(name) ? memoryMiB(quantity, 'down') : wholeUnits(quantity)]
  })
  return others.length === 0 ? {} : { others: Object.fromEntries(others) }
}

function readEnforcement(label: string | undefined): Pick<NodeSpec, 'shareEnforcement'> {
  const shareEnforcement = SHARE_ENFORCEMENTS.find((known) => known === label)
  return shareEnforcement === undefined ? {} : { shareEnforcement }
}

function readControl(label: string | undefined): DeviceControl {
  return label === 'ANNOTATION' || label === 'DRA' || label === 'SIMULATED' ? label : 'COUNT'
}

function readDevices(node: Node, control: DeviceControl, claimable: readonly DeviceSpec[]): DeviceSpec[] {
  const told = node.metadata.labels ?? {}
  const model = told[labels.gpuModel] ?? ''
  if (control === 'DRA') return claimable.map((device) => ({ ...device, model: device.model || model }))
  const written = control === 'COUNT' ? undefined : node.metadata.annotations?.[annotations.nodeDevices]
  if (written !== undefined) return readList(written, model)
  const count = wholeUnits(node.status?.allocatable?.[GPU_RESOURCE] ?? '0')
  const deviceMemoryMiB = Number(told[labels.gpuMemoryMib] ?? 0) || 0
  return Array.from({ length: count }, (_, index) => {
    return { index, uuid: '', model, memoryMiB: deviceMemoryMiB, healthy: true }
  })
}

/** A list that cannot be read offers no devices: better idle than given twice. */
function readList(text: string, model: string): DeviceSpec[] {
  try {
    const list = JSON.parse(text) as { index: number; uuid: string; memoryMiB: number; health: string }[]
    return list
      .map(({ index, uuid, memoryMiB, health }) => ({ index, uuid, model, memoryMiB, healthy: health === 'Healthy' }))
      .filter(({ index, memoryMiB }) => Number.isSafeInteger(index) && index >= 0 && Number.isSafeInteger(memoryMiB))
      .sort((a, b) => a.index - b.index)
  } catch {
    return []
  }
}
