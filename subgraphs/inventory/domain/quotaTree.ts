import assert from 'node:assert/strict'
import { Decimal } from 'decimal.js'
import { ANY_FLAVOR, type QueueResource, type Quota } from './quota.ts'

/** A queue as its quotas are judged: whose it is says nothing here. */
export interface QuotaNode {
  id: string
  parentId: string | null
  quotas: readonly Quota[]
}

/** Children are promised more of a quota than their parent has. */
export interface Overcommitment {
  parentId: string
  flavor: string
  resource: QueueResource
  nominalQuota: string
  promised: string
}

/** All queues as they would be after a change. */
export class QuotaTree {
  readonly #byId: ReadonlyMap<string, QuotaNode>
  readonly #children: ReadonlyMap<string | null, QuotaNode[]>

  /** @param changed a new queue, or a queue of `queues` as it would become */
  constructor(queues: readonly QuotaNode[], changed?: QuotaNode) {
    const all = changed ? [...queues.filter(({ id }) => id !== changed.id), changed] : queues
    this.#byId = new Map(all.map((queue) => [queue.id, queue]))
    this.#children = Map.groupBy(all, ({ parentId }) => parentId)
  }

  /** Whether going up from `id` leads back to it. */
  hasCycle(id: string): boolean {
    const passed = new Set<string>()
    for (let at: string | null | undefined = id; at; at = this.#byId.get(at)?.parentId) {
      if (passed.has(at)) return true
      passed.add(at)
    }
    return false
  }

  /** From the queue itself up to its root. */
  chain(id: string): QuotaNode[] {
    assert(!this.hasCycle(id), 'a queue is below itself')
    const chain: QuotaNode[] = []
    for (let at = this.#byId.get(id); at; at = at.parentId === null ? undefined : this.#byId.get(at.parentId))
      chain.push(at)
    return chain
  }

  /** The queue itself and all below it. */
  subtree(id: string): QuotaNode[] {
    const own = this.#byId.get(id)
    return own ? [own, ...(this.#children.get(id) ?? []).flatMap((child) => this.subtree(child.id))] : []
  }

  /** The first queue, from `id` upwards, whose children would be promised more than it has. */
  overcommitment(id: string): Overcommitment | null {
    for (const parent of this.chain(id)) {
      for (const { flavor, resource, nominalQuota } of parent.quotas) {
        const promised = this.#promisedToChildren(parent.id, flavor, resource)
        if (promised.gt(nominalQuota)) {
          return { parentId: parent.id, flavor, resource, nominalQuota, promised: promised.toFixed() }
        }
      }
    }
    return null
  }

  /**
   * Most GPUs a queue could ever hold by quotas; null where none bounds it. A quota of one flavor
   * leaves the others free, so only quotas of any flavor bound the sum. A root has nobody to borrow from.
   */
  maxGpus(id: string): string | null {
    const caps = this.chain(id).flatMap(({ parentId, quotas }) => {
      const quota = quotas.find(({ resource, flavor }) => resource === 'GPU' && flavor === ANY_FLAVOR)
      if (!quota) return []
      if (parentId === null) return [new Decimal(quota.nominalQuota)]
      return quota.borrowingLimit === null ? [] : [new Decimal(quota.nominalQuota).plus(quota.borrowingLimit)]
    })
    return caps.length === 0 ? null : Decimal.min(...caps).toFixed()
  }

  #promisedToChildren(id: string, flavor: string, resource: QueueResource): Decimal {
    const children = this.#children.get(id) ?? []
    return children.reduce((sum, child) => sum.plus(this.#promised(child, flavor, resource)), new Decimal(0))
  }

  /** What a queue counts on: its own nominal quota or, where it has none, what its children count on. */
  #promised(queue: QuotaNode, flavor: string, resource: QueueResource): Decimal {
    const ofResource = queue.quotas.filter((quota) => quota.resource === resource)
    const exact = ofResource.find((quota) => quota.flavor === flavor)
    if (exact) return new Decimal(exact.nominalQuota)
    const single = flavor === ANY_FLAVOR ? ofResource : []
    if (single.length > 0) return single.reduce((sum, quota) => sum.plus(quota.nominalQuota), new Decimal(0))
    return this.#promisedToChildren(queue.id, flavor, resource)
  }
}
