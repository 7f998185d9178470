import type { Place } from '../model/assignment.ts'
import type { DeviceRequest, Gang, PodRequest } from '../model/gang.ts'
import { MAX_DEVICES_PER_NODE, memoryTaken, WHOLE_DEVICE } from '../model/node.ts'
import { bitCount, lowestBit, positionsOf } from './bits.ts'
import { at, type Capacity, type FlavorRows } from './capacity.ts'
import { placeApart } from './placeApart.ts'
import { fitsBesideDevices, type Search } from './search.ts'

/**
 * Finds places for so many slots of the gang among these rows and takes them.
 * @param eligible what eligibleDevices said, by row
 * @throws where countSlots finds fewer
 */
export function placeSlots(
  capacity: Capacity,
  search: Search,
  flavor: FlavorRows,
  gang: Gang,
  slots: number,
  eligible: Int32Array,
): Place[] {
  if (gang.isSpread) {
    const places = placeApart(capacity, search, flavor, gang, slots, eligible, null)
    if (places === null) throw new Error('a place that was counted is not there')
    return places
  }
  const places: Place[] = []
  while (places.length < slots) {
    const row = search.bestRow(flavor, gang, eligible)
    if (row === undefined) throw new Error('a place that was counted is not there')
    const { spec } = capacity.states[row] as Capacity['states'][number]
    // A gang's pods stay close together: the row is filled before the next search.
    let devices = search.devicesOn(row, gang, eligible)
    while (devices !== undefined && places.length < slots) {
      const positions = positionsOf(devices)
      takePod(capacity, row, gang.pod, positions)
      places.push({ node: spec.name, devices: positions.map((position) => spec.devices[position]?.index ?? position) })
      if (places.length < slots) devices = search.devicesOn(row, gang, eligible)
    }
  }
  return places
}

/** Takes a place on a row where such a pod fits. */
export function takeOn(capacity: Capacity, search: Search, row: number, gang: Gang, eligible: Int32Array): Place {
  const { spec } = capacity.states[row] as Capacity['states'][number]
  const devices = search.devicesOn(row, gang, eligible)
  if (devices === undefined) throw new Error('a place that was found is not there')
  const positions = positionsOf(devices)
  takePod(capacity, row, gang.pod, positions)
  return { node: spec.name, devices: positions.map((position) => spec.devices[position]?.index ?? position) }
}

function takePod(
  capacity: Capacity,
  row: number,
  { cpuMilli, memoryMiB, gpu, others, rules }: PodRequest,
  devices: number[],
): void {
  capacity.takePod(row, cpuMilli, memoryMiB)
  if (others !== undefined) capacity.takeOthers(row, others, 1)
  if (rules !== undefined) capacity.takeMark(row, rules.mark, 1)
  if (gpu === null) return
  for (const device of devices) {
    const total = at(capacity.deviceMemoryMiB, row * MAX_DEVICES_PER_NODE + device)
    capacity.takeDevice(row, device, gpu.thousandths, memoryTaken(gpu, total))
  }
}

/** Slots of the gang that the flavor holds now; counting ends when there are enough. */
export function countSlots(capacity: Capacity, flavor: FlavorRows, gang: Gang, eligible: Int32Array): number {
  let slots = 0
  for (let row = flavor.from; row < flavor.to && slots < gang.slots; row++) {
    slots += slotsOnRow(capacity, row, gang.pod, at(eligible, row))
  }
  return slots
}

/** How many more such pods the row could take. */
export function slotsOnRow(capacity: Capacity, row: number, pod: PodRequest, mask: number): number {
  // In a cluster that is nearly full most rows end here, before anything is divided.
  if (!fitsBesideDevices(capacity, row, pod, mask)) return 0
  const devices = pod.gpu === null ? Number.POSITIVE_INFINITY : slotsOnDevices(capacity, row, pod.gpu, mask)
  if (devices === 0) return 0
  let slots = Math.min(devices, at(capacity.freePods, row))
  if (pod.cpuMilli > 0) slots = Math.min(slots, Math.floor(at(capacity.freeCpuMilli, row) / pod.cpuMilli))
  if (pod.memoryMiB > 0) slots = Math.min(slots, Math.floor(at(capacity.freeMemoryMiB, row) / pod.memoryMiB))
  if (pod.others !== undefined) slots = Math.min(slots, capacity.podsWithinOthers(row, pod.others))
  return slots
}

function slotsOnDevices(capacity: Capacity, row: number, gpu: DeviceRequest, mask: number): number {
  if (gpu.thousandths === WHOLE_DEVICE) return Math.floor(bitCount(at(capacity.wholeFree, row) & mask) / gpu.count)
  let shares = 0
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    shares += sharesOn(capacity, row * MAX_DEVICES_PER_NODE + lowestBit(bits), gpu)
  }
  return shares
}

/** How many more such shares the device in that cell has. */
function sharesOn(capacity: Capacity, cell: number, gpu: DeviceRequest): number {
  const free = at(capacity.freeThousandths, cell)
  if (free < gpu.thousandths) return 0
  const shares = Math.floor(free / gpu.thousandths)
  const taken = memoryTaken(gpu, at(capacity.deviceMemoryMiB, cell))
  const byMemory = taken > 0 ? Math.floor(at(capacity.freeDeviceMemoryMiB, cell) / taken) : shares
  // Negative where more is taken than there is, which must not count against other devices.
  return Math.max(0, Math.min(shares, byMemory))
}
