import type { Place } from '../model/assignment.ts'
import type { PodRequest } from '../model/gang.ts'
import { MAX_DEVICES_PER_NODE, memoryTaken } from '../model/node.ts'
import { at, type Capacity } from './capacity.ts'
import { NOT_ELIGIBLE } from './eligible.ts'

/**
 * Takes exactly these places, a pod at each.
 * @param eligible what eligibleDevices said, by row
 * @returns false, with nothing taken, where one of them is not free
 */
export function takePlaces(
  capacity: Capacity,
  places: readonly Place[],
  pod: PodRequest,
  eligible: Int32Array,
): boolean {
  const { mark } = capacity
  for (const place of places) {
    if (takePlace(capacity, place, pod, eligible)) continue
    capacity.undo(mark)
    return false
  }
  return true
}

function takePlace(capacity: Capacity, { node, devices }: Place, pod: PodRequest, eligible: Int32Array): boolean {
  const row = capacity.rowOf(node)
  const spec = row === undefined ? undefined : capacity.states[row]?.spec
  if (row === undefined || spec === undefined || at(eligible, row) === NOT_ELIGIBLE) return false
  const isShort =
    (pod.cpuMilli > 0 && at(capacity.freeCpuMilli, row) < pod.cpuMilli) ||
    (pod.memoryMiB > 0 && at(capacity.freeMemoryMiB, row) < pod.memoryMiB)
  if (isShort || at(capacity.freePods, row) < 1) return false
  const { gpu } = pod
  if (devices.length !== (gpu?.count ?? 0)) return false
  capacity.takePod(row, pod.cpuMilli, pod.memoryMiB)
  if (gpu === null) return true
  for (const index of devices) {
    const position = spec.devices.findIndex((device) => device.index === index)
    const cell = row * MAX_DEVICES_PER_NODE + position
    const memory = position < 0 ? 0 : memoryTaken(gpu, at(capacity.deviceMemoryMiB, cell))
    const isFree =
      position >= 0 &&
      (at(eligible, row) & (1 << position)) !== 0 &&
      at(capacity.freeThousandths, cell) >= gpu.thousandths &&
      at(capacity.freeDeviceMemoryMiB, cell) >= memory
    if (!isFree) return false
    capacity.takeDevice(row, position, gpu.thousandths, memory)
  }
  return true
}
