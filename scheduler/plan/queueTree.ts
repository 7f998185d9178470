import { ANY_FLAVOR, type QueueSpec } from '../model/queue.ts'

/** A queue at its place in the tree. */
export interface TreeQueue {
  readonly spec: QueueSpec
  /** Its position in QueueTree.queues. */
  readonly number: number
  readonly parent: TreeQueue | null
  /** Number of the root above it. */
  readonly root: number
  /** Why the place cannot be used; null where it can. */
  readonly problem: string | null
  /** The strongest stop policy of the queue and those above it, and whose it is; null: none. */
  readonly stop: { readonly policy: 'Hold' | 'HoldAndDrain'; readonly of: string } | null
  /** Of its tree; null: usage is forgotten at once. */
  readonly usageHalfLifeMs: number | null
  /** The flavors that it, or the nearest queue above it with quotas for any, names: preferred in this order. */
  readonly preferredFlavors: readonly string[]
}

/** The queues as they hang on one another. */
export class QueueTree {
  /** Parents before their children, otherwise by name. */
  readonly queues: readonly TreeQueue[]
  readonly #byName: ReadonlyMap<string, TreeQueue>

  constructor(specs: Iterable<QueueSpec>) {
    this.queues = parentsFirst(specs)
    this.#byName = new Map(this.queues.map((queue) => [queue.spec.name, queue]))
  }

  get(name: string): TreeQueue | undefined {
    return this.#byName.get(name)
  }

  /** Why the queue's place in the tree cannot be used; null where it can. */
  problem(name: string): string | null {
    return this.#byName.get(name)?.problem ?? null
  }
}

function parentsFirst(specs: Iterable<QueueSpec>): TreeQueue[] {
  const byName = new Map([...specs].map((spec) => [spec.name, spec]))
  const placed = new Map<string, TreeQueue>()
  const place = (spec: QueueSpec, below: ReadonlySet<string>): TreeQueue => {
    const known = placed.get(spec.name)
    if (known !== undefined) return known
    const parentSpec = spec.parent === null ? undefined : byName.get(spec.parent)
    const onItself = spec.parent !== null && (below.has(spec.parent) || spec.parent === spec.name)
    const parent = parentSpec === undefined || onItself ? null : place(parentSpec, new Set([...below, spec.name]))
    const missing = spec.parent !== null && parentSpec === undefined
    const queue: TreeQueue = {
      spec,
      parent,
      number: placed.size,
      root: parent?.root ?? placed.size,
      problem: onItself
        ? `queue ${spec.name} is among its own ancestors`
        : missing
          ? `queue ${spec.name} names the parent ${spec.parent}, which does not exist`
          : (parent?.problem ?? null),
      stop: stopOf(spec, parent),
      usageHalfLifeMs: parent === null ? spec.usageHalfLifeMs : parent.usageHalfLifeMs,
      preferredFlavors: preferredFlavorsOf(spec, parent),
    }
    placed.set(spec.name, queue)
    return queue
  }
  for (const spec of [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) place(spec, new Set())
  return [...placed.values()]
}

function preferredFlavorsOf({ quotas }: QueueSpec, parent: TreeQueue | null): readonly string[] {
  const named = new Set(quotas.map(({ flavor }) => flavor))
  named.delete(ANY_FLAVOR)
  return named.size > 0 ? [...named] : (parent?.preferredFlavors ?? [])
}

function stopOf({ name, stopPolicy }: QueueSpec, parent: TreeQueue | null): TreeQueue['stop'] {
  const above = parent?.stop ?? null
  if (stopPolicy === 'None' || above?.policy === 'HoldAndDrain') return above
  return stopPolicy === 'Hold' && above !== null ? above : { policy: stopPolicy, of: name }
}
