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
  /** What the node offers to pods, before anything runs on it. */
  readonly cpuMilli: number
  readonly memoryMiB: number
  readonly pods: number
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
}

/** Who chooses the devices of a pod on this node. */
export type DeviceControl = 'COUNT' | 'ANNOTATION' | 'DRA' | 'SIMULATED'

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
  /** Parallel to spec.devices. */
  readonly usedThousandths: readonly number[]
  readonly usedMemoryMiB: readonly number[]
}

/** One device in thousandths, the grain of shares. */
export const WHOLE_DEVICE = 1000
/** Sets of devices are kept as bits of one integer. */
export const MAX_DEVICES_PER_NODE = 31

/** Something that holds a part of a node: a bound pod, or a slot that waits for its pod. */
export interface Holding {
  readonly cpuMilli: number
  readonly memoryMiB: number
  /** Indexes of the devices it holds a share of. */
  readonly devices: readonly number[]
  /** Of each device. */
  readonly thousandths: number
  /** Of each device. */
  readonly deviceMemoryMiB: number
}

/** The node's state under what holds it. Holdings of devices that are gone take nothing. */
export function nodeUnder(spec: NodeSpec, holdings: Iterable<Holding>): NodeState {
  let freeCpuMilli = spec.cpuMilli
  let freeMemoryMiB = spec.memoryMiB
  let freePods = spec.pods
  const usedThousandths = spec.devices.map(() => 0)
  const usedMemoryMiB = spec.devices.map(() => 0)
  for (const holding of holdings) {
    freeCpuMilli -= holding.cpuMilli
    freeMemoryMiB -= holding.memoryMiB
    freePods -= 1
    for (const index of holding.devices) {
      const position = spec.devices.findIndex((device) => device.index === index)
      if (position < 0) continue
      usedThousandths[position] = (usedThousandths[position] ?? 0) + holding.thousandths
      usedMemoryMiB[position] = (usedMemoryMiB[position] ?? 0) + holding.deviceMemoryMiB
    }
  }
  return { spec, freeCpuMilli, freeMemoryMiB, freePods, usedThousandths, usedMemoryMiB }
}
