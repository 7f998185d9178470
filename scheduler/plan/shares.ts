import { type Amounts, ANY_FLAVOR, plus, type QueueState, RESOURCES, type Resource } from '../model/queue.ts'
import type { QueueTree, TreeQueue } from './queueTree.ts'

/** What a job would hold, and in which flavor. */
export interface Asked {
  readonly flavor: string
  readonly amounts: Amounts
}

/**
 * How much each queue has of what is not its own: Kueue's weightedShare. What a queue holds beyond its nominal
 * quota is set against all that there is of the resource; the resource of which it has most counts, divided by the
 * queue's weight. Within its nominal quota a queue has a share of 0, and goes before whoever borrows. Where a tree
 * remembers usage, what a queue had beyond its nominal quota of late is added to what it has.
 *
 * It can be asked with a job more: whoever would borrow with it does not go before one that would not.
 * A queue among its siblings counts with all below it. Its own jobs, beside the queues below it, count alone.
 */
export class Shares {
  readonly #tree: QueueTree
  readonly #totals: Amounts
  readonly #own: Holdings[]
  readonly #subtree: Holdings[]

  /** @param offered all that the cluster's nodes have */
  constructor(tree: QueueTree, offered: Amounts) {
    this.#tree = tree
    this.#own = tree.queues.map((queue) => holdingsOf(queue))
    this.#subtree = tree.queues.map((queue) => holdingsOf(queue))
    this.#totals = totalsOf(tree, offered)
  }

  /** Forgets all usage and counts what the queues' own jobs hold. */
  setUsage(queues: ReadonlyMap<string, QueueState>): void {
    for (const holdings of [...this.#own, ...this.#subtree]) {
      holdings.used.clear()
      holdings.past.clear()
    }
    for (const { spec, usage, past } of queues.values()) {
      for (const [flavor, amounts] of usage) this.#add(spec.name, 'used', flavor, amounts)
      for (const [flavor, amounts] of past) this.#add(spec.name, 'past', flavor, amounts)
    }
  }

  use(queue: string, flavor: string, amounts: Amounts): void {
    this.#add(queue, 'used', flavor, amounts)
  }

  /** Of the queue with all below it, and with a job more, or as it is. 1: it holds, at weight 1, all there is, and nothing of that is its own. */
  of(queue: TreeQueue, job: Asked | null): number {
    return this.#share(this.#subtree[queue.number] as Holdings, queue, job)
  }

  /** Of the queue's own jobs, and one more, or as they are. */
  ofOwnJobs(queue: TreeQueue, job: Asked | null): number {
    return this.#share(this.#own[queue.number] as Holdings, queue, job)
  }

  #share({ used, past, nominal }: Holdings, { spec }: TreeQueue, job: Asked | null): number {
    let dominant = 0
    for (const resource of RESOURCES) {
      const now = borrowed(used, nominal, resource, job)
      const before = borrowed(past, nominal, resource, null)
      dominant = Math.max(dominant, (now + before) / this.#totals[resource])
    }
    return (dominant * 1000) / spec.weightThousandths
  }

  #add(queue: string, when: 'used' | 'past', flavor: string, amounts: Amounts): void {
    const at = this.#tree.get(queue)
    if (at === undefined) return
    add(this.#own[at.number], when, flavor, amounts)
    for (let above: TreeQueue | null = at; above !== null; above = above.parent)
      add(this.#subtree[above.number], when, flavor, amounts)
  }
}

function add(holdings: Holdings | undefined, when: 'used' | 'past', flavor: string, amounts: Amounts): void {
  if (holdings === undefined) return
  const before = holdings[when].get(flavor)
  holdings[when].set(flavor, before === undefined ? amounts : plus(before, amounts))
}

/** What some jobs hold by flavor, against the nominal quota that they may call their own. */
interface Holdings {
  readonly used: Map<string, Amounts>
  readonly past: Map<string, Amounts>
  readonly nominal: NominalQuotas
}
type NominalQuotas = ReadonlyMap<string, Readonly<Record<Resource, number | undefined>>>

function holdingsOf({ spec }: TreeQueue): Holdings {
  const nominal = new Map<string, Record<Resource, number | undefined>>()
  for (const { flavor, resource, nominalQuota } of spec.quotas) {
    const row = nominal.get(flavor) ?? { GPU: undefined, CPU: undefined, MEMORY: undefined }
    row[resource] = nominalQuota
    nominal.set(flavor, row)
  }
  return { used: new Map(), past: new Map(), nominal }
}

/** A quota for any flavor counts the same amounts again, so the larger of the two excesses is what is borrowed. */
function borrowed(
  used: ReadonlyMap<string, Amounts>,
  nominal: NominalQuotas,
  resource: Resource,
  job: Asked | null,
): number {
  let all = 0
  let beyondEach = 0
  const count = (flavor: string, amount: number) => {
    all += amount
    beyondEach += Math.max(0, amount - (nominal.get(flavor)?.[resource] ?? 0))
  }
  for (const [flavor, amounts] of used)
    count(flavor, amounts[resource] + (flavor === job?.flavor ? job.amounts[resource] : 0))
  if (job !== null && !used.has(job.flavor)) count(job.flavor, job.amounts[resource])
  if (all === 0) return 0
  const any = nominal.get(ANY_FLAVOR)?.[resource]
  if (any === undefined) return beyondEach
  const hasEach = [...nominal].some(([flavor, row]) => flavor !== ANY_FLAVOR && row[resource] !== undefined)
  return hasEach ? Math.max(beyondEach, all - any) : Math.max(0, all - any)
}

/** Where quotas promise more than there is, such as before any node has come, what is promised is what is shared. */
function totalsOf(tree: QueueTree, offered: Amounts): Amounts {
  const total = (resource: Resource) => {
    let promised = 0
    for (const { spec, parent } of tree.queues) {
      if (parent !== null) continue
      for (const quota of spec.quotas) if (quota.resource === resource) promised += quota.nominalQuota
    }
    return Math.max(1, offered[resource], promised)
  }
  return { GPU: total('GPU'), CPU: total('CPU'), MEMORY: total('MEMORY') }
}
