import type { Place } from '../model/assignment.ts'
import type { PodRequest } from '../model/gang.ts'
import { MAX_DEVICES_PER_NODE, memoryTaken } from '../model/node.ts'
import { at, type Capacity } from './capacity.ts'
import type { RuledRows } from './ruledRows.ts'
import { fitsBesideDevices, hasShare } from './search.ts'

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
  rules: RuledRows | null,
): boolean {
  const { mark } = capacity
  for (const place of places) {
    if (mayTake(capacity, place, rules) && takePlace(capacity, place, pod, eligible)) continue
    capacity.undo(mark)
    return false
  }
  return true
}

function mayTake(capacity: Capacity, { node }: Place, rules: RuledRows | null): boolean {
  const row = capacity.rowOf(node)
  if (rules === null || row === undefined) return rules === null
  if (!rules.allows(row)) return false
  rules.take(row)
  return true
}

function takePlace(capacity: Capacity, { node, devices }: Place, pod: PodRequest, eligible: Int32Array): boolean {
  const row = capacity.rowOf(node)
  const spec = row === undefined ? undefined : capacity.states[row]?.spec
  if (row === undefined || spec === undefined) return false
  const mask = at(eligible, row)
  if (!fitsBesideDevices(capacity, row, pod, mask)) return false
  const { gpu } = pod
  if (devices.length !== (gpu?.count ?? 0)) return false
  capacity.takePod(row, pod.cpuMilli, pod.memoryMiB)
  if (pod.others !== undefined) capacity.takeOthers(row, pod.others, 1)
  if (pod.rules !== undefined) capacity.takeMark(row, pod.rules.mark, 1)
  if (gpu === null) return true
  for (const index of devices) {
    const position = spec.devices.findIndex((device) => device.index === index)
    const cell = row * MAX_DEVICES_PER_NODE + position
    if (position < 0 || (mask & (1 << position)) === 0 || !hasShare(capacity, cell, gpu)) return false
    capacity.takeDevice(row, position, gpu.thousandths, memoryTaken(gpu, at(capacity.deviceMemoryMiB, cell)))
  }
  return true
}
