/** A condition as pods and Jobs bear it. */
export interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
}

/**
 * The conditions with one of them set: its transition time moves only when its status does.
 * @returns a frozen list; the same one where nothing changes
 */
export function withCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  condition: Condition,
  now: string,
): readonly T[] {
  const before = conditions ?? []
  const index = before.findIndex(({ type }) => type === condition.type)
  const old = before[index]
  if (old !== undefined && old.status === condition.status && old.reason === condition.reason) return before
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now
  const next = Object.freeze({ ...condition, lastTransitionTime }) as T
  return Object.freeze(index === -1 ? [...before, next] : before.with(index, next))
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}
