import type { WallClock } from '../../platform/clock.ts'

/** One bucket for each key: it holds up to `burst` and fills at a steady rate. */
export interface TokenBuckets {
  /**
   * Takes `amount` from the bucket of `key`, or nothing where it does not hold that much.
   * @param amount at most the burst: more would never be there
   * @returns milliseconds until it will hold enough; 0: it was taken
   */
  take(key: string, amount: number): number
}

interface TokenBucketsOptions {
  perSecond: number
  burst: number
  /** Keys remembered; beyond it the one that was used longest ago begins anew. */
  capacity?: number
  wall: WallClock
}

const CAPACITY = 10_000

export function createTokenBuckets({ perSecond, burst, capacity = CAPACITY, wall }: TokenBucketsOptions): TokenBuckets {
  /** In the order of their last use. In thousandths, which are whole: fractions would not sum up exactly. */
  const buckets = new Map<string, { level: number; atMs: number }>()
  const full = burst * 1_000

  function filled(key: string, nowMs: number): number {
    const bucket = buckets.get(key)
    if (!bucket) return full
    // A wall clock that was set back adds nothing, and takes nothing away.
    const elapsedMs = Math.max(0, nowMs - bucket.atMs)
    return Math.min(full, bucket.level + elapsedMs * perSecond)
  }

  return {
    take(key, amount) {
      const nowMs = wall.nowMs()
      const level = filled(key, nowMs)
      const taken = Math.min(amount, burst) * 1_000
      const isEnough = level >= taken
      buckets.delete(key)
      buckets.set(key, { level: isEnough ? level - taken : level, atMs: nowMs })
      if (buckets.size > capacity) buckets.delete(buckets.keys().next().value ?? key)
      return isEnough ? 0 : Math.ceil((taken - level) / perSecond)
    },
  }
}
