import type { DeviceRequest, Gang, PodRequest } from '../model/gang.ts'
import { MAX_DEVICES_PER_NODE, memoryTaken, type NodeState, WHOLE_DEVICE } from '../model/node.ts'
import { unpreferred } from '../model/nodeAffinity.ts'
import { bitCount, lowestBit, lowestBits } from './bits.ts'
import { at, type Capacity, type FlavorRows } from './capacity.ts'
import { NOT_ELIGIBLE } from './eligible.ts'
import type { TypicalRoom } from './room.ts'

/** Kinds of pods whose findings are kept; of more than that the one asked for longest ago is forgotten. */
const MAX_FINDINGS = 128

/**
 * Where one pod of a gang goes: to the row where it takes least of the room that others will ask for, and
 * among those to the one that leaves least beside it. A row is looked at again only when it changed.
 */
export class Search {
  readonly #capacity: Capacity
  readonly #room: TypicalRoom
  readonly #findings = new Map<string, Findings>()

  constructor(capacity: Capacity, room: TypicalRoom) {
    this.#capacity = capacity
    this.#room = room
  }

  forget(): void {
    this.#findings.clear()
  }

  /** What one such pod takes of the room of the row that is best for it; Infinity where it fits on none. */
  leastLoss(flavor: FlavorRows, gang: Gang, eligible: Int32Array): number {
    const row = this.bestRow(flavor, gang, eligible)
    return row === undefined ? Number.POSITIVE_INFINITY : (this.#findingsOf(gang).losses[row] as number)
  }

  /** Best of these rows, or of those of them that are allowed. */
  bestRow(
    { from, to }: FlavorRows,
    gang: Gang,
    eligible: Int32Array,
    allows?: (row: number) => boolean,
  ): number | undefined {
    const findings = this.#findingsOf(gang)
    const { rowVersion } = this.#capacity
    let best: number | undefined
    let bestLoss = Number.POSITIVE_INFINITY
    let bestLeft = Number.POSITIVE_INFINITY
    for (let row = from; row < to; row++) {
      if (findings.versions[row] !== rowVersion[row]) this.#look(findings, row, gang.pod, at(eligible, row))
      const loss = findings.losses[row] as number
      if (loss > bestLoss || loss === Number.POSITIVE_INFINITY) continue
      const left = findings.lefts[row] as number
      if (loss === bestLoss && left >= bestLeft) continue
      if (allows !== undefined && !allows(row)) continue
      best = row
      bestLoss = loss
      bestLeft = left
    }
    return best
  }

  /** Devices that such a pod would take of the row, as bits; undefined where it does not fit. */
  devicesOn(row: number, gang: Gang, eligible: Int32Array): number | undefined {
    const findings = this.#findingsOf(gang)
    if (findings.versions[row] !== this.#capacity.rowVersion[row]) {
      this.#look(findings, row, gang.pod, at(eligible, row))
    }
    return findings.losses[row] === Number.POSITIVE_INFINITY ? undefined : at(findings.devices, row)
  }

  #findingsOf({ podKey }: Gang): Findings {
    let findings = this.#findings.get(podKey)
    if (findings === undefined) {
      const [oldest] = this.#findings.size < MAX_FINDINGS ? [] : this.#findings.keys()
      findings = newFindings(this.#capacity.states.length)
      if (oldest !== undefined) this.#findings.delete(oldest)
    } else this.#findings.delete(podKey)
    this.#findings.set(podKey, findings)
    return findings
  }

  #look(findings: Findings, row: number, pod: PodRequest, mask: number): void {
    findings.versions[row] = this.#capacity.rowVersion[row] as number
    findings.losses[row] = Number.POSITIVE_INFINITY
    if (!fitsBesideDevices(this.#capacity, row, pod, mask)) return
    this.#lookForDevices(findings, row, pod, mask)
    if (pod.affinity === undefined) return
    const { spec } = this.#capacity.states[row] as NodeState
    findings.losses[row] = (findings.losses[row] as number) + unpreferred(spec, pod.affinity) * PREFERENCE
  }

  #lookForDevices(findings: Findings, row: number, pod: PodRequest, mask: number): void {
    if (pod.gpu !== null && pod.gpu.thousandths < WHOLE_DEVICE) this.#lookForShare(findings, row, pod, pod.gpu, mask)
    else {
      const wholes = at(this.#capacity.wholeFree, row)
      const count = pod.gpu?.count ?? 0
      const left = bitCount(wholes & mask) - count
      if (left < 0) return
      const devices = lowestBits(wholes & mask, count)
      findings.devices[row] = devices
      findings.losses[row] = this.#room.loss(row, pod, devices)
      findings.lefts[row] = pod.gpu === null ? this.#leftWithoutGpu(row) : left * CPU_ROOM + this.#freeCpu(row)
    }
  }

  /** The device where the share breaks least, and of those alike the fullest. */
  #lookForShare(findings: Findings, row: number, pod: PodRequest, gpu: DeviceRequest, mask: number): void {
    let bestLoss = Number.POSITIVE_INFINITY
    let bestFree = Number.POSITIVE_INFINITY
    for (let bits = mask; bits !== 0; bits &= bits - 1) {
      const device = bits & -bits
      const cell = row * MAX_DEVICES_PER_NODE + lowestBit(bits)
      const free = at(this.#capacity.freeThousandths, cell)
      if (!hasShare(this.#capacity, cell, gpu) || this.#isLikeAnEarlier(row, mask & (device - 1), free, gpu)) continue
      const loss = this.#room.loss(row, pod, device)
      if (loss > bestLoss || (loss === bestLoss && free > bestFree)) continue
      bestLoss = loss
      bestFree = free
      findings.devices[row] = device
    }
    findings.losses[row] = bestLoss
    const wholes = bitCount(at(this.#capacity.wholeFree, row))
    findings.lefts[row] = bestFree * DEVICE_ROOM + wholes * CPU_ROOM + this.#freeCpu(row)
  }

  /** Of devices with as much left, the first that has the share will do. */
  #isLikeAnEarlier(row: number, earlier: number, free: number, gpu: DeviceRequest): boolean {
    for (let bits = earlier; bits !== 0; bits &= bits - 1) {
      const cell = row * MAX_DEVICES_PER_NODE + lowestBit(bits)
      if (at(this.#capacity.freeThousandths, cell) === free && hasShare(this.#capacity, cell, gpu)) return true
    }
    return false
  }

  /** Nodes with GPUs come after those that have none to spare. */
  #leftWithoutGpu(row: number): number {
    const hasGpus = (this.#capacity.states[row]?.spec.devices.length ?? 0) > 0
    return (hasGpus ? DEVICE_ROOM : 0) + bitCount(at(this.#capacity.wholeFree, row)) * CPU_ROOM + this.#freeCpu(row)
  }

  #freeCpu(row: number): number {
    return at(this.#capacity.freeCpuMilli, row)
  }
}

/** What is preferred goes before all losses of room. */
const PREFERENCE = 2 ** 40
/** Room for free milli CPU, the last thing that decides, below the counts that decide before it. */
const CPU_ROOM = 2 ** 31
/** Room for a number of devices above that. */
const DEVICE_ROOM = CPU_ROOM * (MAX_DEVICES_PER_NODE + 1)

/** What one kind of pod would meet, by row; it holds for that version of the row. */
interface Findings {
  readonly versions: Float64Array
  /** As TypicalRoom.loss; Infinity where the pod does not fit. */
  readonly losses: Float64Array
  /** What would be left beside it, as one number, so that a search compares one number; less is better. */
  readonly lefts: Float64Array
  /** Bits of the devices it would take. */
  readonly devices: Int32Array
}

function newFindings(rows: number): Findings {
  return {
    versions: new Float64Array(rows).fill(-1),
    losses: new Float64Array(rows),
    lefts: new Float64Array(rows),
    devices: new Int32Array(rows),
  }
}

/** Whether the row takes such a pod as far as CPU, memory and the number of pods go. */
export function fitsBesideDevices(capacity: Capacity, row: number, pod: PodRequest, mask: number): boolean {
  if (mask === NOT_ELIGIBLE || at(capacity.freePods, row) < 1) return false
  // Who asks for none of a resource fits also where too much of it is taken, as in Kubernetes.
  if (pod.cpuMilli > 0 && at(capacity.freeCpuMilli, row) < pod.cpuMilli) return false
  if (pod.memoryMiB > 0 && at(capacity.freeMemoryMiB, row) < pod.memoryMiB) return false
  return pod.others === undefined || capacity.podsWithinOthers(row, pod.others) > 0
}

/** Whether the device in that cell has one such share. */
export function hasShare(capacity: Capacity, cell: number, gpu: DeviceRequest): boolean {
  if (at(capacity.freeThousandths, cell) < gpu.thousandths) return false
  return at(capacity.freeDeviceMemoryMiB, cell) >= memoryTaken(gpu, at(capacity.deviceMemoryMiB, cell))
}
