import { MAX_DEVICES_PER_NODE, type NodeState, type ShareEnforcement, WHOLE_DEVICE } from '../model/node.ts'
import { amountOf, type Others } from '../model/others.ts'
import type { PodMark } from '../model/podRules.ts'
import type { Amounts } from '../model/queue.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { TopologyLevel } from '../model/topology.ts'
import { byPlace, Domains } from './domains.ts'
import { Marks } from './marks.ts'

/** Rows [from, to) of one flavor. */
export interface FlavorRows {
  readonly name: string
  readonly from: number
  readonly to: number
}

/**
 * The nodes as columns of integers, a row each, for searches over thousands of nodes per pod. Rows are
 * ordered by flavor, then by place in the topology and node name, so that a search meets them in the same order however they came.
 *
 * What a plan admits is taken here, never in the snapshot; the next sync starts from what came true of
 * it. That is mostly all of it, and then whoever did not fit beside it need not look at those rows again.
 */
export class Capacity {
  flavors: readonly FlavorRows[] = []
  domains = new Domains([], [], [])
  readonly marks = new Marks()
  /** What has to keep shares of a device to their size; empty: nothing. */
  shareEnforcements: readonly ShareEnforcement[] = []
  states: NodeState[] = []
  freeCpuMilli = new Int32Array(0)
  freeMemoryMiB = new Int32Array(0)
  freePods = new Int32Array(0)
  /** A bit for each device position that is healthy and untouched. */
  wholeFree = new Int32Array(0)
  /** Of the device at position `d` of row `r`, at r * MAX_DEVICES_PER_NODE + d; 0 where it is unhealthy. */
  freeThousandths = new Int32Array(0)
  freeDeviceMemoryMiB = new Int32Array(0)
  deviceMemoryMiB = new Int32Array(0)
  /** Grows whenever anything of any row changes. */
  version = 0
  /** Grows whenever anything of the row changes. */
  rowVersion = new Float64Array(0)

  /** Rows on which something became free, oldest first, some more than once; older ones are forgotten. */
  readonly grown = new GrowthLog()
  /** Changes when rows moved: what is remembered by row is void. */
  generation = 0
  /** Grows when what nodes offer changed, not only what is taken of it. */
  specVersion = 0

  #rows: ReadonlyMap<string, number> = new Map()
  /** Free of what else is counted, by its name; see Others. */
  readonly #others = new Map<string, Int32Array>()
  /** Row of each node, in the order in which the snapshot tells of them: a map keeps its order as values change. */
  #rowsAsToldOf = new Int32Array(0)
  readonly #undo: { columns: (Int32Array | Float64Array)[]; indexes: number[]; values: number[] } = {
    columns: [],
    indexes: [],
    values: [],
  }

  /** Brings the columns to the snapshot's state: one comparison a node, and work only for those that changed. */
  sync(snapshot: Snapshot): void {
    const enforcements = snapshot.shareEnforcements?.join() ?? ''
    if (enforcements !== this.shareEnforcements.join()) {
      this.shareEnforcements = snapshot.shareEnforcements ?? []
      this.specVersion += 1
    }
    if (!this.#refresh(snapshot)) this.#rebuild(snapshot)
  }

  /** Takes one pod's part of a row. */
  takePod(row: number, cpuMilli: number, memoryMiB: number): void {
    this.#set(this.freeCpuMilli, row, at(this.freeCpuMilli, row) - cpuMilli)
    this.#set(this.freeMemoryMiB, row, at(this.freeMemoryMiB, row) - memoryMiB)
    this.#set(this.freePods, row, at(this.freePods, row) - 1)
    this.#touch(row)
  }

  /** Takes a share of the device at position `device` of a row. */
  takeDevice(row: number, device: number, thousandths: number, memoryMiB: number): void {
    const cell = row * MAX_DEVICES_PER_NODE + device
    this.#set(this.freeThousandths, cell, at(this.freeThousandths, cell) - thousandths)
    this.#set(this.freeDeviceMemoryMiB, cell, at(this.freeDeviceMemoryMiB, cell) - memoryMiB)
    this.#set(this.wholeFree, row, at(this.wholeFree, row) & ~(1 << device))
    this.#touch(row)
  }

  /** Takes what a pod has beside CPU, memory and devices (1), or gives it back (-1); takePod or releasePod tells of the change. */
  takeOthers(row: number, others: Others, sign: 1 | -1): void {
    for (const [name, amount] of Object.entries(others)) {
      const column = this.#otherColumn(name)
      this.#set(column, row, at(column, row) - sign * amount)
    }
  }

  /** How many pods that have so much the row could still take of these. */
  podsWithinOthers(row: number, others: Others): number {
    let pods = Number.POSITIVE_INFINITY
    for (const [name, amount] of Object.entries(others))
      if (amount > 0) pods = Math.min(pods, Math.floor(at(this.#otherColumn(name), row) / amount))
    return Math.max(0, pods)
  }

  /** A pod that rules may ask about goes to the row (1) or leaves it (-1); beside takePod or releasePod. */
  takeMark(row: number, mark: PodMark, sign: 1 | -1): void {
    this.marks.change(this.mark, row, mark, sign)
    this.#touch(row)
  }

  /** Gives back what takePod took of a row. Whoever does that for good tells `grown`. */
  releasePod(row: number, cpuMilli: number, memoryMiB: number): void {
    this.takePod(row, -cpuMilli, -memoryMiB)
    this.#set(this.freePods, row, at(this.freePods, row) + 2)
  }

  /** Gives back what takeDevice took; a device that is untouched again is whole again. */
  releaseDevice(row: number, device: number, thousandths: number, memoryMiB: number): void {
    this.takeDevice(row, device, -thousandths, -memoryMiB)
    if (at(this.freeThousandths, row * MAX_DEVICES_PER_NODE + device) === WHOLE_DEVICE)
      this.#set(this.wholeFree, row, at(this.wholeFree, row) | (1 << device))
  }

  /** Lets nothing more onto the row, for a question of what would be without it. */
  close(row: number): void {
    this.#set(this.freePods, row, 0)
    this.#touch(row)
  }

  /** Thousandths of GPUs that are free on these rows. */
  freeGpus({ from, to }: FlavorRows): number {
    let sum = 0
    for (let cell = from * MAX_DEVICES_PER_NODE; cell < to * MAX_DEVICES_PER_NODE; cell++)
      sum += Math.max(0, at(this.freeThousandths, cell))
    return sum
  }

  /** Something of the node is free that was not, for good. */
  noteGrown(node: string): void {
    const row = this.#rows.get(node)
    if (row !== undefined) this.grown.add(row)
  }

  /** The row of a node; undefined where there is none. */
  rowOf(node: string): number | undefined {
    return this.#rows.get(node)
  }

  /** A point to give back to. */
  get mark(): number {
    return this.#undo.indexes.length
  }

  /** Undoes all that was taken since `mark`, for good. */
  giveBack(mark: number): void {
    const { columns, indexes } = this.#undo
    for (let i = mark; i < indexes.length; i++) if (columns[i] === this.freePods) this.grown.add(indexes[i] as number)
    this.undo(mark)
  }

  /** Everything as it was at `mark`, down to the versions of rows: what was asked since then was only a question. */
  undo(mark: number): void {
    const { columns, indexes, values } = this.#undo
    this.marks.undo(mark)
    while (indexes.length > mark) {
      const column = columns.pop() as Int32Array | Float64Array
      column[indexes.pop() as number] = values.pop() as number
    }
    this.version += 1
  }

  /** Models of all devices, sorted. */
  models(): string[] {
    const models = new Set<string>()
    for (const { spec } of this.states) for (const device of spec.devices) models.add(device.model)
    return [...models].sort()
  }

  /** All that the nodes have, whatever is taken of it. */
  offered(): Amounts {
    const sum = { GPU: 0, CPU: 0, MEMORY: 0 }
    for (const { spec } of this.states) {
      sum.GPU += spec.devices.length * WHOLE_DEVICE
      sum.CPU += spec.cpuMilli
      sum.MEMORY += spec.memoryMiB
    }
    return sum
  }

  /** Only what somebody asks for has a column. */
  #otherColumn(name: string): Int32Array {
    let column = this.#others.get(name)
    if (column === undefined) {
      column = Int32Array.from(this.states, (state) => freeOf(state, name))
      this.#others.set(name, column)
    }
    return column
  }

  #touch(row: number): void {
    this.version += 1
    this.#set(this.rowVersion, row, this.version)
  }

  #set(column: Int32Array | Float64Array, index: number, value: number): void {
    this.#undo.columns.push(column)
    this.#undo.indexes.push(index)
    this.#undo.values.push(column[index] as number)
    column[index] = value
  }

  /** @returns false where nodes came, went or changed their flavor or their place */
  #refresh(snapshot: Snapshot): boolean {
    if (snapshot.nodes.size !== this.states.length || !isAlike(levelsOf(snapshot), this.domains.levels)) return false
    let position = 0
    for (const state of snapshot.nodes.values()) {
      const row = at(this.#rowsAsToldOf, position++)
      const before = this.states[row] as NodeState
      if (state === before) continue
      if (state.spec.name !== before.spec.name || state.spec.flavor !== before.spec.flavor) return false
      if (state.spec !== before.spec) {
        if (!this.domains.isInPlace(row, state.spec)) return false
        this.specVersion += 1
      }
      if (this.#load(row, state)) this.grown.add(row)
    }
    for (const row of this.#plannedRows()) {
      if (this.#load(row, this.states[row] as NodeState)) this.grown.add(row)
    }
    this.grown.forgetBefore(2 * this.states.length)
    return true
  }

  /** Rows that hold what the last plan took; forgets that it did. */
  #plannedRows(): Set<number> {
    const { columns, indexes, values } = this.#undo
    const rows = new Set(indexes.filter((_, i) => columns[i] === this.freePods))
    for (const list of [columns, indexes, values]) list.length = 0
    this.marks.undo(0)
    return rows
  }

  #rebuild(snapshot: Snapshot): void {
    const told = [...snapshot.nodes.values()]
    const states = told.toSorted(byPlace(levelsOf(snapshot)))
    const rows = states.length
    const rowOf = new Map(states.map((state, row) => [state, row]))
    this.#rowsAsToldOf = Int32Array.from(told, (state) => rowOf.get(state) ?? 0)
    this.freeCpuMilli = new Int32Array(rows)
    this.freeMemoryMiB = new Int32Array(rows)
    this.freePods = new Int32Array(rows)
    this.wholeFree = new Int32Array(rows)
    this.freeThousandths = new Int32Array(rows * MAX_DEVICES_PER_NODE)
    this.freeDeviceMemoryMiB = new Int32Array(rows * MAX_DEVICES_PER_NODE)
    this.deviceMemoryMiB = new Int32Array(rows * MAX_DEVICES_PER_NODE)
    this.rowVersion = new Float64Array(rows)
    this.states = []
    this.#others.clear()
    this.#plannedRows()
    this.marks.forget()
    for (const [row, state] of states.entries()) this.#load(row, state)
    this.#rows = new Map(states.map(({ spec }, row) => [spec.name, row]))
    this.flavors = flavorsOf(states)
    this.domains = new Domains(levelsOf(snapshot), this.flavors, states)
    this.specVersion += 1
    this.generation += 1
    this.version += 1
  }

  /**
   * A node that takes no pods keeps its row, with nothing free on it.
   * @returns whether anything is free that was not
   */
  #load(row: number, state: NodeState): boolean {
    const { spec } = state
    this.marks.load(row, this.states[row], state)
    this.states[row] = state
    this.version += 1
    this.rowVersion[row] = this.version
    let grew = put(this.freeCpuMilli, row, state.freeCpuMilli)
    grew = put(this.freeMemoryMiB, row, state.freeMemoryMiB) || grew
    grew = put(this.freePods, row, spec.accepting ? state.freePods : 0) || grew
    for (const [name, column] of this.#others) grew = put(column, row, freeOf(state, name)) || grew
    let wholeFree = 0
    for (let device = 0; device < spec.devices.length; device++) {
      const { healthy, memoryMiB } = spec.devices[device] as NodeState['spec']['devices'][number]
      const cell = row * MAX_DEVICES_PER_NODE + device
      const used = state.usedThousandths[device] ?? 0
      grew = put(this.freeThousandths, cell, healthy ? WHOLE_DEVICE - used : 0) || grew
      grew = put(this.freeDeviceMemoryMiB, cell, memoryMiB - (state.usedMemoryMiB[device] ?? 0)) || grew
      this.deviceMemoryMiB[cell] = memoryMiB
      if (healthy && used === 0) wholeFree |= 1 << device
    }
    this.wholeFree[row] = wholeFree
    return grew
  }
}

const MOST = 2 ** 31 - 1

function freeOf({ spec, freeOthers }: NodeState, name: string): number {
  return Math.min(MOST, amountOf(freeOthers ?? spec.others, name))
}

/** @returns whether the value grew */
function put(column: Int32Array, index: number, value: number): boolean {
  const before = at(column, index)
  column[index] = value
  return value > before
}

/** Rows in the order in which they grew, by positions that never change. */
class GrowthLog {
  #rows: number[] = []
  /** Position of the oldest row that is not forgotten. */
  start = 0

  get end(): number {
    return this.start + this.#rows.length
  }

  at(position: number): number {
    return this.#rows[position - this.start] as number
  }

  add(row: number): void {
    this.#rows.push(row)
  }

  /** Forgets the older half once there are more than twice `kept`. */
  forgetBefore(kept: number): void {
    if (this.#rows.length <= 2 * kept) return
    const forgotten = this.#rows.length - kept
    this.#rows = this.#rows.slice(forgotten)
    this.start += forgotten
  }
}

/** A typed array's element; callers stay within its length. */
export function at(column: Int32Array, index: number): number {
  return column[index] as number
}

const NO_LEVELS: readonly TopologyLevel[] = []

function levelsOf({ topologyLevels = NO_LEVELS }: Snapshot): readonly TopologyLevel[] {
  return topologyLevels
}

function isAlike(a: readonly TopologyLevel[], b: readonly TopologyLevel[]): boolean {
  if (a === b) return true
  return (
    a.length === b.length && a.every(({ name, nodeLabel }, i) => name === b[i]?.name && nodeLabel === b[i]?.nodeLabel)
  )
}

function flavorsOf(states: readonly NodeState[]): FlavorRows[] {
  const flavors: { name: string; from: number; to: number }[] = []
  for (const [row, { spec }] of states.entries()) {
    const last = flavors.at(-1)
    if (last?.name === spec.flavor) last.to = row + 1
    else flavors.push({ name: spec.flavor, from: row, to: row + 1 })
  }
  return flavors
}
