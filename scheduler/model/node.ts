import { type Others, without } from './others.ts'
import type { PodMark } from './podRules.ts'

/** What a node is; a new object whenever any of it changes, the same object as long as nothing does. */
export interface NodeSpec {
  readonly name: string
  /** Node pool, the flavor that quotas name. */
  readonly flavor: string
  /** Ready, not cordoned, and not avoided after it turned pods away. */
  readonly accepting: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  readonly deviceControl: DeviceControl
  /** Absent: NONE. */
  readonly shareEnforcement?: ShareEnforcement
  /** What the node offers to pods, before anything runs on it. */
  readonly cpuMilli: number
  readonly memoryMiB: number
  readonly pods: number
  /** Absent: nothing else is offered. */
  readonly others?: Others
  /** At most MAX_DEVICES_PER_NODE, ordered by index. */
  readonly devices: readonly DeviceSpec[]
}

export interface DeviceSpec {
  /** As the node counts them; not necessarily without gaps. */
  readonly index: number
  /** Empty where the pool does not tell. */
  readonly uuid: string
  readonly model: string
  readonly memoryMiB: number
  readonly healthy: boolean
  /** What claims call it and ask of it; absent: it is not given by claims. */
  readonly claimable?: ClaimableDevice
}

/** A device of a ResourceSlice. */
export interface ClaimableDevice {
  readonly driver: string
  readonly pool: string
  readonly name: string
  /** "driver", and attributes by "domain/name". */
  readonly attributes: Readonly<Record<string, AttributeValue>>
}
export type AttributeValue = string | number | boolean

/** Who chooses the devices of a pod on this node. */
export type DeviceControl = 'COUNT' | 'ANNOTATION' | 'DRA' | 'SIMULATED'

/** What keeps pods that share a device to their share. */
export type ShareEnforcement = 'MIG' | 'DRA' | 'HAMI_CORE' | 'MPS' | 'NONE'

export interface Taint {
  readonly key: string
  readonly value: string
  readonly effect: string
}

/**
 * A node and what is left on it. Never changed in place: whoever sees the same object sees the same state.
 * What is free is negative where more is taken than the node (still) offers.
 */
export interface NodeState {
  readonly spec: NodeSpec
  readonly freeCpuMilli: number
  readonly freeMemoryMiB: number
  readonly freePods: number
  /** Absent: as the node offers. */
  readonly freeOthers?: Others
  /** Of the pods there; absent where no rule in the cluster asks about any. */
  readonly marks?: readonly PodMark[]
  /** Parallel to spec.devices. */
  readonly usedThousandths: readonly number[]
  readonly usedMemoryMiB: readonly number[]
}

/** One device in thousandths, the grain of shares. */
export const WHOLE_DEVICE = 1000
/** Sets of devices are kept as bits of one integer. */
export const MAX_DEVICES_PER_NODE = 31

/** Memory that a share of a device takes of it: a whole device is taken whole; 0 asks for as much as the share comes to. */
export function memoryTaken(share: { thousandths: number; memoryMiB: number }, deviceMemoryMiB: number): number {
  if (share.thousandths === WHOLE_DEVICE) return deviceMemoryMiB
  if (share.memoryMiB > 0) return share.memoryMiB
  return Math.floor((deviceMemoryMiB * share.thousandths) / WHOLE_DEVICE)
}

/** Something that holds a part of a node: a bound pod, or a slot that waits for its pod. */
export interface Holding {
  readonly cpuMilli: number
  readonly memoryMiB: number
  readonly gpu: HeldDevices | null
  readonly others?: Others
  readonly mark?: PodMark
}
export interface HeldDevices {
  /** Device indexes; or how many devices, where it is not known which. */
  readonly devices: readonly number[] | number
  /** Of each device. */
  readonly thousandths: number
  /** Of each device, as memoryTaken reads it. */
  readonly memoryMiB: number
}

/**
 * The node's state under what holds it. Holdings of devices that are gone take nothing.
 * @param isAllocated whether a claim has the device, which then is taken whole, whoever holds it beside
 */
export function nodeUnder(
  spec: NodeSpec,
  holdings: Iterable<Holding>,
  isAllocated: (device: DeviceSpec) => boolean = () => false,
): NodeState {
  let freeCpuMilli = spec.cpuMilli
  let freeMemoryMiB = spec.memoryMiB
  let freePods = spec.pods
  let freeOthers: Others | undefined
  let marks: PodMark[] | undefined
  const usedThousandths = spec.devices.map(() => 0)
  const usedMemoryMiB = spec.devices.map(() => 0)
  const take = (position: number, held: HeldDevices) => {
    usedThousandths[position] = (usedThousandths[position] ?? 0) + held.thousandths
    usedMemoryMiB[position] = (usedMemoryMiB[position] ?? 0) + memoryTaken(held, spec.devices[position]?.memoryMiB ?? 0)
  }
  const elsewhere: [held: HeldDevices, count: number][] = []
  for (const { cpuMilli, memoryMiB, gpu, others, mark } of holdings) {
    if (mark !== undefined) marks = [...(marks ?? []), mark]
    if (others !== undefined) freeOthers = without(freeOthers ?? spec.others, others)
    freeCpuMilli -= cpuMilli
    freeMemoryMiB -= memoryMiB
    freePods -= 1
    if (gpu === null) continue
    if (typeof gpu.devices === 'number') elsewhere.push([gpu, gpu.devices])
    else {
      for (const index of gpu.devices) {
        const position = spec.devices.findIndex((device) => device.index === index)
        if (position >= 0) take(position, gpu)
      }
    }
  }
  // Where nobody says which, the last untouched ones are as good a guess as any, and always the same one.
  for (const [held, count] of elsewhere) {
    const untouched = spec.devices.map((_, position) => position).filter((position) => usedThousandths[position] === 0)
    for (const position of untouched.slice(-count)) take(position, held)
  }
  for (const [position, device] of spec.devices.entries()) {
    if (usedThousandths[position] === 0 && isAllocated(device))
      take(position, { devices: [device.index], thousandths: WHOLE_DEVICE, memoryMiB: 0 })
  }
  const state = { spec, freeCpuMilli, freeMemoryMiB, freePods, usedThousandths, usedMemoryMiB }
  if (freeOthers === undefined && marks === undefined) return state
  return { ...state, ...(freeOthers && { freeOthers }), ...(marks && { marks }) }
}

/** What a pod with this request holds at a place. */
export function holdingAt(
  pod: {
    cpuMilli: number
    memoryMiB: number
    gpu: { thousandths: number; memoryMiB: number } | null
    others?: Others
    rules?: { mark: PodMark }
  },
  devices: readonly number[],
): Holding {
  const { cpuMilli, memoryMiB, gpu, others, rules } = pod
  const held = gpu && { devices, thousandths: gpu.thousandths, memoryMiB: gpu.memoryMiB }
  return { cpuMilli, memoryMiB, gpu: held, ...(others && { others }), ...(rules && { mark: rules.mark }) }
}
