import type { Place } from '../model/assignment.ts'
import type { DeviceRequest, Gang, PodRequest } from '../model/gang.ts'
import { MAX_DEVICES_PER_NODE, memoryTaken, WHOLE_DEVICE } from '../model/node.ts'
import { at, type Capacity, type FlavorRows } from './capacity.ts'
import { NOT_ELIGIBLE } from './eligible.ts'

/**
 * Finds a place for every slot of the gang among the rows of one flavor and takes them, densely: a share
 * goes to the fullest device that still has it, whole devices to the node they leave fewest on, a pod
 * without GPUs to a node that has none to spare.
 * @param eligible what eligibleDevices said, by row
 * @throws where countSlots finds fewer slots than the gang has
 */
export function placeGang(capacity: Capacity, flavor: FlavorRows, gang: Gang, eligible: Int32Array): Place[] {
  const places: Place[] = []
  while (places.length < gang.slots) {
    const row = bestRow(capacity, flavor, gang.pod, eligible)
    if (row === undefined) throw new Error('a place that was counted is not there')
    const mask = at(eligible, row)
    const { spec } = capacity.states[row] as Capacity['states'][number]
    // A row that was best is better still with one more pod on it, so it is filled before the next search.
    do {
      const positions = takePod(capacity, row, gang.pod, mask)
      places.push({ node: spec.name, devices: positions.map((position) => spec.devices[position]?.index ?? position) })
    } while (places.length < gang.slots && fitsRow(capacity, row, gang.pod, mask))
  }
  return places
}

/** Whether the row could take one more such pod. */
function fitsRow(capacity: Capacity, row: number, pod: PodRequest, mask: number): boolean {
  return score(capacity, row, pod, mask) < Number.POSITIVE_INFINITY
}

/** How many more such pods the row could take. */
export function slotsOnRow(capacity: Capacity, row: number, pod: PodRequest, mask: number): number {
  // In a cluster that is nearly full most rows end here, before anything is divided.
  if (!fitsRow(capacity, row, pod, mask)) return 0
  let slots = at(capacity.freePods, row)
  if (pod.cpuMilli > 0) slots = Math.min(slots, Math.floor(at(capacity.freeCpuMilli, row) / pod.cpuMilli))
  if (pod.memoryMiB > 0) slots = Math.min(slots, Math.floor(at(capacity.freeMemoryMiB, row) / pod.memoryMiB))
  if (pod.gpu === null) return slots
  if (pod.gpu.thousandths === WHOLE_DEVICE) {
    return Math.min(slots, Math.floor(bitCount(at(capacity.wholeFree, row) & mask) / pod.gpu.count))
  }
  let shares = 0
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    shares += sharesOn(capacity, row * MAX_DEVICES_PER_NODE + lowestBit(bits), pod.gpu)
  }
  return Math.min(slots, shares)
}

/** How many more such shares the device in that cell has. */
function sharesOn(capacity: Capacity, cell: number, gpu: DeviceRequest): number {
  const shares = Math.floor(at(capacity.freeThousandths, cell) / gpu.thousandths)
  const taken = memoryTaken(gpu, at(capacity.deviceMemoryMiB, cell))
  const byMemory = taken > 0 ? Math.floor(at(capacity.freeDeviceMemoryMiB, cell) / taken) : shares
  // Negative where more is taken than there is, which must not count against other devices.
  return Math.max(0, Math.min(shares, byMemory))
}

export function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** Slots of the gang that the flavor holds now; counting ends when there are enough. */
export function countSlots(capacity: Capacity, flavor: FlavorRows, gang: Gang, eligible: Int32Array): number {
  let slots = 0
  for (let row = flavor.from; row < flavor.to && slots < gang.slots; row++) {
    slots += slotsOnRow(capacity, row, gang.pod, at(eligible, row))
  }
  return slots
}

function bestRow(capacity: Capacity, flavor: FlavorRows, pod: PodRequest, eligible: Int32Array): number | undefined {
  let best: number | undefined
  let bestScore = Number.POSITIVE_INFINITY
  for (let row = flavor.from; row < flavor.to; row++) {
    const rowScore = score(capacity, row, pod, at(eligible, row))
    if (rowScore < bestScore) {
      bestScore = rowScore
      best = row
    }
  }
  return best
}

/** Room for free milli CPU, the last thing that decides, below the counts that decide before it. */
const CPU_ROOM = 2 ** 31
/** Room for a number of devices above that. */
const DEVICE_ROOM = CPU_ROOM * (MAX_DEVICES_PER_NODE + 1)

/** Lower is better, Infinity where the pod does not fit. One number, so that a search compares one number. */
function score(capacity: Capacity, row: number, pod: PodRequest, mask: number): number {
  const freeCpu = at(capacity.freeCpuMilli, row)
  const freeMemory = at(capacity.freeMemoryMiB, row)
  // Who asks for none of a resource fits also where too much of it is taken, as in Kubernetes.
  const isShort = (pod.cpuMilli > 0 && freeCpu < pod.cpuMilli) || (pod.memoryMiB > 0 && freeMemory < pod.memoryMiB)
  if (mask === NOT_ELIGIBLE || isShort || at(capacity.freePods, row) < 1) return Number.POSITIVE_INFINITY
  const wholes = at(capacity.wholeFree, row)
  if (pod.gpu === null) {
    const hasGpus = (capacity.states[row]?.spec.devices.length ?? 0) > 0
    return (hasGpus ? DEVICE_ROOM : 0) + bitCount(wholes) * CPU_ROOM + freeCpu
  }
  if (pod.gpu.thousandths === WHOLE_DEVICE) {
    const left = bitCount(wholes & mask) - pod.gpu.count
    return left < 0 ? Number.POSITIVE_INFINITY : left * CPU_ROOM + freeCpu
  }
  const device = fullestDevice(capacity, row, pod.gpu, mask)
  if (device === undefined) return Number.POSITIVE_INFINITY
  const free = at(capacity.freeThousandths, row * MAX_DEVICES_PER_NODE + device)
  return free * DEVICE_ROOM + bitCount(wholes) * CPU_ROOM + freeCpu
}

/** Position of the device with the least free that still has the share. */
function fullestDevice(capacity: Capacity, row: number, gpu: DeviceRequest, mask: number): number | undefined {
  let best: number | undefined
  let bestFree = WHOLE_DEVICE + 1
  for (let bits = mask; bits !== 0; bits &= bits - 1) {
    const device = lowestBit(bits)
    const cell = row * MAX_DEVICES_PER_NODE + device
    const free = at(capacity.freeThousandths, cell)
    if (free < gpu.thousandths || free >= bestFree) continue
    if (at(capacity.freeDeviceMemoryMiB, cell) < memoryTaken(gpu, at(capacity.deviceMemoryMiB, cell))) continue
    best = device
    bestFree = free
  }
  return best
}

/** Takes what one pod needs of a row it fits on. @returns positions of its devices */
function takePod(capacity: Capacity, row: number, pod: PodRequest, mask: number): number[] {
  capacity.takePod(row, pod.cpuMilli, pod.memoryMiB)
  const { gpu } = pod
  if (gpu === null) return []
  const devices = devicesFor(capacity, row, gpu, mask)
  for (const device of devices) {
    const total = at(capacity.deviceMemoryMiB, row * MAX_DEVICES_PER_NODE + device)
    capacity.takeDevice(row, device, gpu.thousandths, memoryTaken(gpu, total))
  }
  return devices
}

function devicesFor(capacity: Capacity, row: number, gpu: DeviceRequest, mask: number): number[] {
  if (gpu.thousandths === WHOLE_DEVICE) return lowestBits(at(capacity.wholeFree, row) & mask, gpu.count)
  const device = fullestDevice(capacity, row, gpu, mask)
  return device === undefined ? [] : [device]
}

function lowestBits(bits: number, count: number): number[] {
  const positions: number[] = []
  for (let rest = bits; rest !== 0 && positions.length < count; rest &= rest - 1) positions.push(lowestBit(rest))
  return positions
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
