import type { Pod } from '../../../objects.ts'
import { endedAtMs } from './jobPods.ts'

/** Failures in a row delay the next pods: 10 s, then doubling, at most 10 min. */
export interface Backoff {
  failuresAfterLastSuccess: number
  lastFailureMs: number
}
export const NO_BACKOFF: Backoff = { failuresAfterLastSuccess: 0, lastFailureMs: 0 }

const FIRST_DELAY_MS = 10_000
const LONGEST_DELAY_MS = 600_000

export function nextBackoff(before: Backoff, newSucceeded: Pod[], newFailed: Pod[]): Backoff {
  if (newSucceeded.length === 0 && newFailed.length === 0) return before
  const lastSuccessMs = Math.max(Number.NEGATIVE_INFINITY, ...newSucceeded.map(endedAtMs))
  const failures = newFailed.map(endedAtMs).filter((ms) => ms > lastSuccessMs)
  const earlier = newSucceeded.length === 0 ? before : NO_BACKOFF
  return {
    failuresAfterLastSuccess: earlier.failuresAfterLastSuccess + failures.length,
    lastFailureMs: Math.max(earlier.lastFailureMs, ...failures),
  }
}

/** Domain time before which no pod is created. */
export function resumesAtMs({ failuresAfterLastSuccess, lastFailureMs }: Backoff): number {
  if (failuresAfterLastSuccess === 0) return 0
  return lastFailureMs + Math.min(FIRST_DELAY_MS * 2 ** Math.min(failuresAfterLastSuccess - 1, 10), LONGEST_DELAY_MS)
}
