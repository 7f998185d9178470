import { seeded } from '../../testkit/seeded.ts'

/** What a generator chooses by; the same for the same seed and case. */
export interface Random {
  /** From 0 to below 1. */
  next(): number
  /** Whole, from 0 to below `count`. */
  below(count: number): number
  pick<T>(items: readonly T[]): T
  chance(share: number): boolean
}

/** Every case has its own, so that one is made again without those before it. */
export function randomOf(seed: number, index: number): Random {
  const next = seeded(Math.imul(seed, 1_000_003) + index)
  for (let warm = 0; warm < 3; warm += 1) next()
  const below = (count: number) => Math.floor(next() * count)
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick<T>(items: readonly T[]) {
      if (items.length === 0) throw new Error('there is nothing to pick from')
      return items[below(items.length)] as T
    },
  }
}
