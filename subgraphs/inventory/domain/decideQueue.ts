import type { UserError } from '../../../platform/graph/errors.ts'
import type { QueueRow } from '../store/queues.ts'
import {
  halfLifeErrors,
  minRuntimeErrors,
  overcommitted,
  parentCycle,
  parentOfAnother,
  parentRequired,
  queueNameErrors,
  queueNotFound,
} from './queueErrors.ts'
import { checkQuotas, checkWeight, type Quota, type QuotaRequest } from './quota.ts'
import { type QuotaNode, QuotaTree } from './quotaTree.ts'

/** A queue as it is wanted. */
export interface QueueRequest {
  id: string
  name: string
  tenantId: string | null
  parentId: string | null
  quotas: readonly QuotaRequest[]
  weight: string
  minRuntimeSeconds: number
  usageHalfLifeSeconds: number | null
}

export interface QueueFacts {
  /** Row of parentId; null at a root, and where there is none that the caller sees. */
  parent: QueueRow | null
  /** Whether the caller may have queues that nothing bounds. */
  mayBeRoot: boolean
  /** Every queue there is, the present state of this one among them. */
  tree: readonly QuotaNode[]
  /** Every node pool there is. */
  flavors: ReadonlySet<string>
  /** Names of the queues the caller sees, by id. */
  nameOf(id: string): string
}

export type QueueDecision =
  | { ok: true; quotas: Quota[]; weight: string; maxGpusOf: ReadonlyMap<string, string | null> }
  | { ok: false; errors: UserError[] }

/**
 * Whether the queue may be as requested.
 * @returns with the consent: maxGpus of the queue and of every queue below it
 */
export function decideQueue(request: QueueRequest, facts: QueueFacts): QueueDecision {
  const quotas = checkQuotas(request.quotas, facts.flavors)
  const weight = checkWeight(request.weight)
  const errors = [
    ...queueNameErrors(request.name),
    ...parentErrors(request, facts),
    ...minRuntimeErrors(request.minRuntimeSeconds),
    ...halfLifeErrors(request),
  ]
  if (!quotas.ok) errors.push(...quotas.errors)
  if (!weight.ok) errors.push(...weight.errors)
  // The tree is not looked at for a parent that may be another tenant's.
  if (!quotas.ok || !weight.ok || errors.length > 0) return { ok: false, errors }

  const tree = new QuotaTree(facts.tree, { id: request.id, parentId: request.parentId, quotas: quotas.value })
  if (facts.parent && tree.hasCycle(request.id)) return { ok: false, errors: [parentCycle(facts.parent)] }
  const excess = tree.overcommitment(request.id)
  if (excess) {
    const name = excess.parentId === request.id ? request.name : facts.nameOf(excess.parentId)
    return { ok: false, errors: [overcommitted(name, excess)] }
  }

  const maxGpusOf = new Map(tree.subtree(request.id).map(({ id }) => [id, tree.maxGpus(id)]))
  return { ok: true, quotas: quotas.value, weight: weight.value, maxGpusOf }
}

function parentErrors({ tenantId, parentId }: QueueRequest, { parent, mayBeRoot }: QueueFacts): UserError[] {
  if (parentId === null) return mayBeRoot ? [] : [parentRequired()]
  if (!parent) return [queueNotFound('parentId')]
  return parent.tenantId === null || parent.tenantId === tenantId ? [] : [parentOfAnother(parent)]
}
