import type { TypicalPod } from '../model/demand.ts'
import type { Gang, PodRequest } from '../model/gang.ts'
import type { QueueSpec } from '../model/queue.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { Capacity } from './capacity.ts'
import { type Cause, type FlavorFigures, figuresOf } from './causes.ts'
import { eligibilityKey } from './eligible.ts'
import { QueueTree } from './queueTree.ts'
import { Quotas } from './quotas.ts'
import { TypicalRoom } from './room.ts'
import { Search } from './search.ts'
import { Eligibility, Shape } from './shape.ts'
import { Shares } from './shares.ts'
import type { Standing } from './standing.ts'

const NOTHING_KNOWN: readonly TypicalPod[] = []

interface KnownStanding {
  readonly standing: Standing | Cause
  readonly queue: QueueSpec | undefined
  readonly tree: QueueTree
  readonly specVersion: number
}

/** What one plan stands on. */
export interface Ground {
  readonly tree: QueueTree
  readonly quotas: Quotas
  readonly shares: Shares
  readonly memo: Memo
}

/**
 * What one plan leaves for the next, so that it looks only at what changed. Its answers are those that
 * a new one would give.
 */
export class Memo {
  readonly capacity = new Capacity()
  readonly #room = new TypicalRoom(this.capacity)
  readonly #search = new Search(this.capacity, this.#room)
  /** By group, and what each rests on: it holds as long as that is the same. */
  standings = new Map<string, KnownStanding>()
  #tree = new QueueTree([])
  #quotas = new Quotas(this.#tree)
  #shares: { specVersion: number; shares: Shares } | null = null
  #queueSpecs: readonly QueueSpec[] = []
  #shapes = new Map<string, Shape>()
  #eligible = new Map<string, Eligibility>()
  #figures: { version: number; byFlavor: ReadonlyMap<string, FlavorFigures> } = { version: -1, byFlavor: new Map() }

  /** The queues with the snapshot's usage. */
  begin(snapshot: Snapshot): Ground {
    this.capacity.sync(snapshot)
    const specs = Array.from(snapshot.queues.values(), (queue) => queue.spec)
    if (specs.length !== this.#queueSpecs.length || specs.some((spec, i) => spec !== this.#queueSpecs[i])) {
      this.#queueSpecs = specs
      this.#tree = new QueueTree(specs)
      this.#quotas = new Quotas(this.#tree)
      this.#shares = null
    }
    const { specVersion } = this.capacity
    if (this.#shares?.specVersion !== specVersion)
      this.#shares = { specVersion, shares: new Shares(this.#tree, this.capacity.offered()) }
    const { shares } = this.#shares
    this.#quotas.setUsage(snapshot.queues)
    shares.setUsage(snapshot.queues)
    // What belongs to jobs long gone would pile up; those still asked about come back at once.
    if (Math.max(this.#shapes.size, this.standings.size) > 2 * snapshot.pending.size + 1000) {
      this.#shapes = new Map()
      this.#eligible = new Map()
      this.standings = new Map()
    }
    const typical = snapshot.typical ?? NOTHING_KNOWN
    if (this.#room.sync(typical, (pod) => this.#eligibility(pod).masks())) this.#search.forget()
    return { tree: this.#tree, quotas: this.#quotas, shares, memo: this }
  }

  /** What is free at this point of the plan. */
  figures(): ReadonlyMap<string, FlavorFigures> {
    const { version } = this.capacity
    if (this.#figures.version !== version) this.#figures = { version, byFlavor: figuresOf(this.capacity) }
    return this.#figures.byFlavor
  }

  shape(gang: Gang): Shape {
    let shape = this.#shapes.get(gang.key)
    if (shape === undefined) {
      shape = new Shape(gang, this.capacity, this.#search, this.#eligibility(gang.pod))
      this.#shapes.set(gang.key, shape)
    }
    return shape
  }

  #eligibility(pod: PodRequest): Eligibility {
    const key = eligibilityKey(pod)
    let eligible = this.#eligible.get(key)
    if (eligible === undefined) {
      eligible = new Eligibility(this.capacity, pod)
      this.#eligible.set(key, eligible)
    }
    return eligible
  }
}
