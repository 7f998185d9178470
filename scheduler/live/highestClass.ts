import type { PendingJob } from '../model/job.ts'
import type { PendingReason } from '../model/pending.ts'
import type { Policy } from '../model/policy.ts'

/**
 * Why the tenant's job cannot be admitted with a priority like this; null: it may.
 * @param before what it was refused for before: the same reason is the same object, so that nothing is planned anew
 */
export function aboveItsClass(
  { highestClasses }: Policy,
  tenantId: string,
  { priority }: { readonly priority: number },
  before: PendingJob['demand'] | undefined,
): PendingReason | null {
  const highest = highestClasses.get(tenantId) ?? highestClasses.get(null)
  if (highest === undefined || priority <= highest.priority) return null
  const reason: PendingReason = {
    code: 'ClassNotAllowed',
    message: `Jobs of its tenant may be of class ${highest.name} at most here.`,
    fix: `Submit it with class ${highest.name} and no priority class above that, or have the cluster's scheduling policy changed.`,
  }
  return before !== undefined && 'code' in before && before.message === reason.message ? before : reason
}
