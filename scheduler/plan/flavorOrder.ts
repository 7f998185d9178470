import type { Amounts } from '../model/queue.ts'
import type { TreeQueue } from './queueTree.ts'
import type { Quotas } from './quotas.ts'
import type { MatchingFlavor } from './shape.ts'

/**
 * The flavors in the order in which jobs of the queue try them: those that the queue's quotas name in their order,
 * then the others as they come. Where the queue would rather not borrow, flavors in which it need not come first.
 */
export function inQueueOrder(
  queue: TreeQueue,
  flavors: readonly MatchingFlavor[],
  amounts: Amounts,
  quotas: Quotas,
): readonly MatchingFlavor[] {
  if (flavors.length < 2) return flavors
  const ordered = byPreference(queue.preferredFlavors, flavors)
  if (queue.spec.flavorFungibility.whenCanBorrow === 'MayStopSearch') return ordered
  const isOwn = ({ rows }: MatchingFlavor) => quotas.isNominal(queue, rows.name, amounts)
  return [...ordered.filter((flavor) => isOwn(flavor)), ...ordered.filter((flavor) => !isOwn(flavor))]
}

function byPreference(names: readonly string[], flavors: readonly MatchingFlavor[]): readonly MatchingFlavor[] {
  if (names.length === 0) return flavors
  const rankOf = ({ rows }: MatchingFlavor) => (names.includes(rows.name) ? names.indexOf(rows.name) : names.length)
  return flavors.toSorted((a, b) => rankOf(a) - rankOf(b))
}
