import { labels } from '../../kubernetes/names.ts'
import type { Node } from '../../kubernetes/objects.ts'
import type { NodeObservation } from '../../platform/link/protocol.ts'
import { readNode } from '../../scheduler/live/readNode.ts'
import type { DeviceSpec } from '../../scheduler/model/node.ts'

/**
 * What inventory is told of a node: the same that the scheduler reads from it, so that neither promises what the other does not have.
 * @param claimable what ResourceSlices tell of it
 */
export function observeNode(node: Node, claimable: readonly DeviceSpec[] = []): NodeObservation {
  const { name, flavor, accepting, cpuMilli, memoryMiB, deviceControl, devices, shareEnforcement } = readNode(
    node,
    claimable,
  )
  return {
    name,
    pool: flavor,
    ready: accepting,
    cpuMilli,
    memoryMiB,
    gpuModel: node.metadata.labels?.[labels.gpuModel] ?? (claimable[0]?.model || null),
    deviceControl,
    ...(shareEnforcement && { shareEnforcement }),
    devices: devices.map((device) => ({
      index: device.index,
      uuid: device.uuid,
      memoryMiB: device.memoryMiB,
      health: healthOf(device),
    })),
  }
}

/** Of a device without identity nobody has told how it is. */
function healthOf({ uuid, healthy }: DeviceSpec): string {
  if (!healthy) return 'Unhealthy'
  return uuid === '' ? 'Unknown' : 'Healthy'
}
