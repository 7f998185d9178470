import type { TypicalPod } from '../model/demand.ts'
import { gpuThousandths, type PodRequest } from '../model/gang.ts'
import { MAX_DEVICES_PER_NODE, WHOLE_DEVICE } from '../model/node.ts'
import { bitCount } from './bits.ts'
import { at, type Capacity } from './capacity.ts'
import { eligibilityKey, NOT_ELIGIBLE } from './eligible.ts'

/** Losses are whole millionths of the room for one typical pod, so that equal ones compare as equal. */
const LOSS_GRAIN = 1_000_000

/**
 * The room that rows have for the pods that are usually asked for: how many of each kind a row could
 * still take, weighted by how often the kind is asked. What a placement takes of it is the measure of
 * what it breaks: a hole that nobody asks for costs nothing, the last place for eight GPUs much.
 *
 * After the fragmentation gradient of Weng et al., "Beware of Fragmentation" (USENIX ATC 2023). Unlike
 * theirs, which counts free GPUs, it counts pods, and CPU and memory beside a free GPU bound how many.
 */
export class TypicalRoom {
  readonly #capacity: Capacity
  #kinds: Kinds = kindsOf([], () => new Int32Array(0))
  #typical: readonly TypicalPod[] = []
  #seen = { generation: -1, specVersion: -1 }
  /** By row, with the version of the row for which it holds. */
  #room = new Float64Array(0)
  #roomVersion = new Float64Array(0)
  /** What would be free on the devices of the row that is looked at of which a part is: position and thousandths. */
  readonly #parts = {
    count: 0,
    devices: new Int32Array(MAX_DEVICES_PER_NODE),
    free: new Int32Array(MAX_DEVICES_PER_NODE),
  }

  constructor(capacity: Capacity) {
    this.#capacity = capacity
  }

  /**
   * @param masksOf what eligibleDevices says of such a pod, by row
   * @returns whether what was said before is void
   */
  sync(typical: readonly TypicalPod[], masksOf: (pod: PodRequest) => Int32Array): boolean {
    const { generation, specVersion, states } = this.#capacity
    const { generation: seen, specVersion: seenSpecs } = this.#seen
    if (typical === this.#typical && generation === seen && specVersion === seenSpecs) return false
    this.#typical = typical
    this.#seen = { generation, specVersion }
    this.#kinds = kindsOf(typical, masksOf)
    this.#room = new Float64Array(states.length)
    this.#roomVersion = new Float64Array(states.length).fill(-1)
    return true
  }

  /** What the row loses by one such pod on these devices, in millionths; less is better, negative never. */
  loss(row: number, pod: PodRequest, devices: number): number {
    if (this.#kinds.classes.length === 0) return 0
    const { freeCpuMilli, freeMemoryMiB, freePods, wholeFree } = this.#capacity
    const cpuMilli = at(freeCpuMilli, row) - pod.cpuMilli
    const memoryMiB = at(freeMemoryMiB, row) - pod.memoryMiB
    const before = this.#before(row)
    if (before === 0) return 0
    this.#loadParts(row, devices, pod.gpu === null ? 0 : pod.gpu.thousandths)
    const after = this.#with(row, cpuMilli, memoryMiB, at(freePods, row) - 1, at(wholeFree, row) & ~devices)
    return Math.round((before - after) * this.#kinds.grain)
  }

  #before(row: number): number {
    const { rowVersion, freeCpuMilli, freeMemoryMiB, freePods, wholeFree } = this.#capacity
    if (this.#roomVersion[row] !== rowVersion[row]) {
      this.#loadParts(row, 0, 0)
      const [cpuMilli, memoryMiB] = [at(freeCpuMilli, row), at(freeMemoryMiB, row)]
      this.#room[row] = this.#with(row, cpuMilli, memoryMiB, at(freePods, row), at(wholeFree, row))
      this.#roomVersion[row] = rowVersion[row] as number
    }
    return this.#room[row] as number
  }

  #loadParts(row: number, devices: number, thousandths: number): void {
    const { freeThousandths, states } = this.#capacity
    const count = states[row]?.spec.devices.length ?? 0
    const first = row * MAX_DEVICES_PER_NODE
    const parts = this.#parts
    parts.count = 0
    for (let device = 0; device < count; device++) {
      const free = (freeThousandths[first + device] as number) - ((devices >>> device) & 1) * thousandths
      if (free <= 0 || free === WHOLE_DEVICE) continue
      parts.devices[parts.count] = device
      parts.free[parts.count++] = free
    }
  }

  /** The innermost loop of every search: of each kind, whichever of devices, CPU, memory and pods is scarcest. */
  #with(row: number, freeCpuMilli: number, freeMemoryMiB: number, freePods: number, wholes: number): number {
    // More may be taken than there is; who asks for none of it must not count as less than nobody.
    const cpuMilli = Math.max(0, freeCpuMilli)
    const memoryMiB = Math.max(0, freeMemoryMiB)
    const { classes, cpus, memories, weights } = this.#kinds
    let room = 0
    for (let i = 0; i < classes.length; i++) {
      const { masks, runs } = classes[i] as KindClass
      const mask = masks[row] as number
      if (mask === NOT_ELIGIBLE) continue
      const wholeDevices = bitCount(mask & wholes)
      for (let j = 0; j < runs.length; j++) {
        const { ask, perWhole, from, to } = runs[j] as Run
        const onDevices =
          ask < WHOLE_DEVICE
            ? wholeDevices * perWhole + this.#sharesOfParts(mask, ask)
            : Math.floor((wholeDevices * WHOLE_DEVICE) / ask)
        // Those that follow ask for more.
        if (onDevices === 0) break
        const places = Math.min(onDevices, freePods)
        for (let kind = from; kind < to; kind++) {
          const cpu = cpus[kind] as number
          const memory = memories[kind] as number
          if (cpu > cpuMilli) break
          if (memory > memoryMiB) continue
          // In fractions: CPU that is left beside the last whole pod serves somebody else.
          let held = places
          if (held * cpu > cpuMilli) held = cpuMilli / cpu
          if (held * memory > memoryMiB) held = memoryMiB / memory
          room += (weights[kind] as number) * held
        }
      }
    }
    return room
  }

  #sharesOfParts(mask: number, ask: number): number {
    const { count, devices, free } = this.#parts
    let shares = 0
    for (let i = 0; i < count; i++) {
      const part = free[i] as number
      if (part >= ask && ((mask >>> (devices[i] as number)) & 1) === 1) shares += (part / ask) | 0
    }
    return shares
  }
}

/** Kinds as columns, ordered by class, then what they ask of devices, then of CPU. */
interface Kinds {
  readonly classes: readonly KindClass[]
  readonly cpus: Int32Array
  readonly memories: Int32Array
  readonly weights: Float64Array
  readonly grain: number
}
/** Kinds that may use the same devices of every row. */
interface KindClass {
  readonly masks: Int32Array
  readonly runs: readonly Run[]
}
/** Kinds [from, to) that ask so many thousandths of a GPU; from WHOLE_DEVICE on whole ones. */
interface Run {
  readonly ask: number
  /** How often a whole device has that. */
  readonly perWhole: number
  readonly from: number
  readonly to: number
}

function kindsOf(typical: readonly TypicalPod[], masksOf: (pod: PodRequest) => Int32Array): Kinds {
  const kinds: TypicalPod[] = []
  const classes: KindClass[] = []
  for (const alike of Map.groupBy(typical, ({ pod }) => eligibilityKey(pod)).values()) {
    const runs: Run[] = []
    const byAsk = Map.groupBy(alike, ({ pod }) => gpuThousandths(pod))
    for (const [ask, run] of [...byAsk].sort(([a], [b]) => a - b)) {
      runs.push({ ask, perWhole: Math.floor(WHOLE_DEVICE / ask), from: kinds.length, to: kinds.length + run.length })
      kinds.push(...run.sort((a, b) => a.pod.cpuMilli - b.pod.cpuMilli))
    }
    classes.push({ masks: masksOf((alike[0] as TypicalPod).pod), runs })
  }
  const pods = kinds.reduce((sum, { count }) => sum + count, 0)
  return {
    classes,
    cpus: Int32Array.from(kinds, ({ pod }) => pod.cpuMilli),
    memories: Int32Array.from(kinds, ({ pod }) => pod.memoryMiB),
    weights: Float64Array.from(kinds, ({ count }) => count),
    grain: LOSS_GRAIN / Math.max(1, pods),
  }
}
