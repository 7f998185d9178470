import type { Node } from '../../kubernetes/objects.ts'
import { type DeviceSpec, type Holding, type NodeSpec, type NodeState, nodeUnder, WHOLE_DEVICE } from '../model/node.ts'
import { isAlike } from '../model/others.ts'
import { type NodeStop, stopOf } from '../model/policy.ts'
import { deviceId } from './claims/sliceBook.ts'
import { readNode } from './readNode.ts'

/** Who holds what: a pod by its uid, a slot that waits for its pod by its Job's uid and its number. */
export type HolderKey = `pod:${string}` | `slot:${string}/${number}`

/**
 * The nodes and what is held on them. A node's state is computed anew from its holdings whenever one of
 * them changed, so that it can never drift from them.
 */
export class NodeBook {
  readonly #specs = new Map<string, NodeSpec>()
  /** Also of nodes that are not there: a pod may become known before its node, and outlive it. */
  readonly #holdings = new Map<string, Map<HolderKey, Holding>>()
  readonly #avoided = new Set<string>()
  #stops: readonly NodeStop[] = []
  readonly #nodeOfDevice = new Map<string, string>()
  readonly #isAllocated: (device: string) => boolean
  readonly #dirty = new Set<string>()

  /** @param isAllocated whether a claim has the device of that id */
  constructor(isAllocated: (device: string) => boolean = () => false) {
    this.#isAllocated = isAllocated
  }

  /** @param claimable what ResourceSlices tell of it */
  setNode(node: Node, claimable: readonly DeviceSpec[] = []): void {
    const spec = readNode(node, claimable)
    const before = this.#specs.get(spec.name)
    // A heartbeat is no news: the same object tells every plan that nothing changed.
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(spec)) return
    this.#specs.set(spec.name, spec)
    this.#dirty.add(spec.name)
    for (const device of spec.devices) {
      const id = idOf(device)
      if (id !== null) this.#nodeOfDevice.set(id, spec.name)
    }
  }

  /** A claim was given the device, or has given it back. @returns who holds something on its node */
  noteAllocation(device: string): HolderKey[] {
    const node = this.#nodeOfDevice.get(device)
    if (node === undefined) return []
    this.#dirty.add(node)
    return this.holders(node)
  }

  removeNode(name: string): void {
    this.#specs.delete(name)
    this.#dirty.add(name)
  }

  spec(name: string): NodeSpec | undefined {
    return this.#specs.get(name)
  }

  holders(node: string): HolderKey[] {
    return [...(this.#holdings.get(node)?.keys() ?? [])]
  }

  /** Whether new pods may go there: what it says itself, and what it did with the last ones. */
  setAvoided(name: string, isAvoided: boolean): void {
    if (isAvoided) this.#avoided.add(name)
    else this.#avoided.delete(name)
    this.#dirty.add(name)
  }

  setStops(stops: readonly NodeStop[]): void {
    this.#stops = stops
    for (const name of this.#specs.keys()) this.#dirty.add(name)
  }

  /** Whether what runs there is to be stopped. */
  isDrained(name: string): boolean {
    const spec = this.#specs.get(name)
    return spec !== undefined && stopOf(this.#stops, spec) === 'HoldAndDrain'
  }

  hold(node: string, key: HolderKey, holding: Holding): void {
    const onNode = this.#holdings.get(node) ?? new Map<HolderKey, Holding>()
    this.#holdings.set(node, onNode.set(key, holding))
    this.#dirty.add(node)
  }

  release(node: string, key: HolderKey): void {
    const onNode = this.#holdings.get(node)
    onNode?.delete(key)
    if (onNode?.size === 0) this.#holdings.delete(node)
    this.#dirty.add(node)
  }

  /**
   * Brings the states of changed nodes up to date.
   * @returns whether any state differs from before, and for each device that is given more than once who holds it
   */
  refresh(states: Map<string, NodeState>): { changed: boolean; overfull: HolderKey[][] } {
    let changed = false
    const overfull: HolderKey[][] = []
    for (const name of this.#dirty) {
      const spec = this.#specs.get(name)
      if (spec === undefined) {
        changed = states.delete(name) || changed
        continue
      }
      const before = states.get(name)
      const onNode = this.#holdings.get(name) ?? new Map<HolderKey, Holding>()
      const state = nodeUnder(this.#acceptingSpec(spec, before?.spec), onNode.values(), (device) => {
        const id = idOf(device)
        return id !== null && this.#isAllocated(id)
      })
      overfull.push(...holdersOfOverfull(state, onNode))
      if (before !== undefined && isSame(before, state)) continue
      states.set(name, state)
      changed = true
    }
    this.#dirty.clear()
    return { changed, overfull }
  }

  #acceptingSpec(spec: NodeSpec, before: NodeSpec | undefined): NodeSpec {
    const isStopped = this.#avoided.has(spec.name) || stopOf(this.#stops, spec) !== null
    const accepting = spec.accepting && !isStopped
    if (accepting === spec.accepting) return spec
    const avoided = { ...spec, accepting }
    return before !== undefined && JSON.stringify(before) === JSON.stringify(avoided) ? before : avoided
  }
}

function idOf({ claimable }: DeviceSpec): string | null {
  return claimable === undefined ? null : deviceId({ ...claimable, device: claimable.name })
}

function isSame(a: NodeState, b: NodeState): boolean {
  return (
    a.spec === b.spec &&
    a.freeCpuMilli === b.freeCpuMilli &&
    a.freeMemoryMiB === b.freeMemoryMiB &&
    a.freePods === b.freePods &&
    isAlike(a.freeOthers, b.freeOthers) &&
    (a.marks?.length ?? 0) === (b.marks?.length ?? 0) &&
    (a.marks ?? []).every((mark, i) => mark === b.marks?.[i]) &&
    a.usedThousandths.every((used, i) => used === b.usedThousandths[i]) &&
    a.usedMemoryMiB.every((used, i) => used === b.usedMemoryMiB[i])
  )
}

function holdersOfOverfull(
  { spec, usedThousandths }: NodeState,
  holdings: ReadonlyMap<HolderKey, Holding>,
): HolderKey[][] {
  const overfull = spec.devices.filter((_, position) => (usedThousandths[position] ?? 0) > WHOLE_DEVICE)
  return overfull.map(({ index }) => {
    const holds = ({ gpu }: Holding) => typeof gpu?.devices === 'object' && gpu.devices.includes(index)
    return [...holdings].filter(([, holding]) => holds(holding)).map(([key]) => key)
  })
}
