import { annotations, labels } from '../../../kubernetes/names.ts'
import type { PendingReason } from '../../model/pending.ts'
import { invalid } from '../podSpec.ts'
import type { Member } from './group.ts'

/**
 * Why the pods cannot be given places together; null: they can. Not one of them is then.
 * @param candidates those that wait to be bound, at least one
 */
export function whyNotWhole(name: string, candidates: readonly Member[]): PendingReason | null {
  const [first] = candidates
  const size = first?.group.size ?? null
  const unsized = candidates.find(({ group }) => group.size === null)
  if (first === undefined || size === null || unsized !== undefined) {
    return invalid(
      `Pod ${unsized?.name} of group ${name} does not say how many pods the group has.`,
      `Write the number of its pods on each of them, as annotation ${annotations.groupSize}.`,
    )
  }
  const other = candidates.find(({ group }) => group.size !== size)
  if (other !== undefined) {
    return invalid(
      `Pod ${first.name} of group ${name} says that it has ${size} pods, and ${other.name} that it has ${other.group.size}.`,
      `Write the same number on all its pods, as annotation ${annotations.groupSize}.`,
    )
  }
  const different = candidates.find((pod) => !asksTheSame(pod, first))
  if (different !== undefined) {
    return invalid(
      `Pods ${first.name} and ${different.name} of group ${name} do not ask for the same: their requests, volumes, rules, queue and class have to be alike.`,
      `Give those that differ another name in the label ${labels.group}, or none.`,
    )
  }
  if (candidates.length > size) {
    return invalid(
      `Group ${name} has ${candidates.length} pods, and they say that it has ${size}.`,
      `Have ${annotations.groupSize} say ${candidates.length}, or give the others another name in the label ${labels.group}.`,
    )
  }
  if (candidates.length === size) return null
  return {
    code: 'WaitingForPods',
    // Not how many are: a reason is written once, and would not tell of those that come later.
    message: `Not all of the ${size} pods of group ${name} wait for a place yet.`,
    fix: `See which do by the label ${labels.group}, and whoever makes the others: a ResourceQuota, a LimitRange or an admission policy of the namespace may refuse them.`,
  }
}

function asksTheSame(a: Member, b: Member): boolean {
  if (a.group.asks !== b.group.asks) return false
  // Rules of theirs may tell them apart by their labels.
  return !a.group.hasRules || a.holding.mark === b.holding.mark
}
