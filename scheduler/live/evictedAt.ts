import { annotations } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'

/** When its admission was taken back last; null where it waits for its first, or says what is no time. */
export function evictedAtMs(job: Job | null): number | null {
  const text = job?.metadata.annotations?.[annotations.evicted]
  const at = text === undefined ? undefined : /"at":"([^"]+)"/.exec(text)?.[1]
  const atMs = at === undefined ? Number.NaN : Date.parse(at)
  return Number.isNaN(atMs) ? null : atMs
}
