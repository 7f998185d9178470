import { describe, expect, test } from 'vitest'
import { createTokenBuckets } from './tokenBuckets.ts'

function fill(options: { capacity?: number } = {}) {
  const wall = { ms: 1_000_000, nowMs: () => wall.ms }
  return { wall, buckets: createTokenBuckets({ perSecond: 10, burst: 20, wall, ...options }) }
}

describe('a token bucket', () => {
  test('gives a whole burst at once, and then says how long to wait', () => {
    const { buckets } = fill()
    expect([buckets.take('a', 15), buckets.take('a', 5), buckets.take('a', 5)]).toEqual([0, 0, 500])
  })

  test('what is refused takes nothing', () => {
    const { buckets } = fill()
    buckets.take('a', 15)
    buckets.take('a', 10)
    expect(buckets.take('a', 5)).toBe(0)
  })

  test('whoever waits as long as told is served, and not a millisecond before', () => {
    const { buckets, wall } = fill()
    buckets.take('a', 20)
    const waitMs = buckets.take('a', 3)
    wall.ms += waitMs - 1
    expect(buckets.take('a', 3)).toBeGreaterThan(0)
    wall.ms += 1
    expect(buckets.take('a', 3)).toBe(0)
  })

  test('fills no further than its burst, however long nobody came', () => {
    const { buckets, wall } = fill()
    buckets.take('a', 20)
    wall.ms += 86_400_000
    expect([buckets.take('a', 20), buckets.take('a', 1)]).toEqual([0, 100])
  })

  test('is one for each key', () => {
    const { buckets } = fill()
    expect([buckets.take('a', 20), buckets.take('b', 20)]).toEqual([0, 0])
  })

  test('more than its burst waits for a full one, not for ever', () => {
    const { buckets, wall } = fill()
    buckets.take('a', 20)
    wall.ms += buckets.take('a', 1_000)
    expect(buckets.take('a', 1_000)).toBe(0)
  })

  test('a clock that is set back neither fills nor empties it', () => {
    const { buckets, wall } = fill()
    buckets.take('a', 15)
    wall.ms -= 3_600_000
    expect([buckets.take('a', 5), buckets.take('a', 1)]).toEqual([0, 100])
  })

  test('the key used longest ago is forgotten first, so that new ones cannot fill the memory', () => {
    const { buckets } = fill({ capacity: 2 })
    buckets.take('old', 20)
    buckets.take('used', 20)
    buckets.take('old', 1)
    buckets.take('new', 20)
    expect([buckets.take('old', 1), buckets.take('used', 1)]).toEqual([100, 0])
  })
})
