import type { Job, Pod } from '../../../objects.ts'
import { indexOf, isReady } from './jobPods.ts'
import type { Tally } from './tally.ts'

export interface PodChanges {
  /** Pods to let go and delete: their end is not the Job's. */
  dismiss: Pod[]
  /** Pods to create, by completion index; null: the Job has none. */
  create: (number | null)[]
  /** Domain time when pods that are held back now may be created. */
  heldUntilMs: number | null
}

/** Which pods a Job that goes on needs more or less. Never both in one sync. */
export function managePods(job: Job, tally: Tally, resumesAtMs: number, nowMs: number): PodChanges {
  const { active, terminating } = tally
  if (job.spec?.suspend) return { dismiss: active, create: [], heldUntilMs: null }
  const wanted = wantedActive(job, tally)
  const isBeyond = (pod: Pod) => (indexOf(pod) ?? 0) >= (job.spec?.completions ?? Number.POSITIVE_INFINITY)
  const surplus = Math.max(active.length - wanted, active.filter(isBeyond).length)
  if (surplus > 0) {
    const leastWorthFirst = (a: Pod, b: Pod) => Number(isBeyond(b)) - Number(isBeyond(a)) || byWorth(a, b)
    return { dismiss: [...active].sort(leastWorthFirst).slice(0, surplus), create: [], heldUntilMs: null }
  }
  const stillHolding = job.spec?.podReplacementPolicy === 'Failed' ? terminating : []
  const missing = wanted - active.length - stillHolding.length
  if (missing <= 0) return { dismiss: [], create: [], heldUntilMs: null }
  if (nowMs < resumesAtMs) return { dismiss: [], create: [], heldUntilMs: resumesAtMs }
  return { dismiss: [], create: freeIndexes(job, tally, stillHolding, missing), heldUntilMs: null }
}

function wantedActive({ spec }: Job, { active, succeeded }: Tally): number {
  const parallelism = spec?.parallelism ?? 1
  // Without a number of completions, the first success means that no pod is started any more.
  if (spec?.completions === undefined) return succeeded > 0 ? active.length : parallelism
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded))
}

function freeIndexes({ spec }: Job, tally: Tally, stillHolding: Pod[], count: number): (number | null)[] {
  if (spec?.completionMode !== 'Indexed') return Array.from({ length: count }, () => null)
  const taken = new Set<number | null>([...tally.active, ...stillHolding].map(indexOf))
  const free: number[] = []
  for (let index = 0; index < (spec.completions ?? 0) && free.length < count; index++) {
    if (!taken.has(index) && !tally.completedIndexes.has(index)) free.push(index)
  }
  return free
}

/** Least worth first: not bound, not running, not ready, youngest. */
function byWorth(a: Pod, b: Pod): number {
  return (
    Number(a.spec?.nodeName !== undefined) - Number(b.spec?.nodeName !== undefined) ||
    Number(a.status?.phase === 'Running') - Number(b.status?.phase === 'Running') ||
    Number(isReady(a)) - Number(isReady(b)) ||
    Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion)
  )
}
