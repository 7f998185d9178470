import { type Amounts, RESOURCES } from './queue.ts'

/**
 * What the jobs of a queue had on average until `atMs`, where an hour of use counts half as much each half-life
 * later. Whoever has held the same for long has had just that.
 */
export interface PastUsage {
  readonly atMs: number
  readonly byFlavor: ReadonlyMap<string, Amounts>
}

/** Finest part of a unit that is kept, so that what is read back is what was written. */
const PRECISION = 1e6

/**
 * The average as it is at `nowMs`, where `usage` has been held since `past.atMs`. A clock that went back adds nothing,
 * and the time until it has caught up counts once.
 */
export function averageAt(
  { atMs, byFlavor }: PastUsage,
  usage: ReadonlyMap<string, Amounts>,
  halfLifeMs: number,
  nowMs: number,
): PastUsage {
  if (nowMs <= atMs) return { atMs, byFlavor }
  const kept = 2 ** (-(nowMs - atMs) / halfLifeMs)
  const averages = new Map<string, Amounts>()
  for (const flavor of new Set([...byFlavor.keys(), ...usage.keys()])) {
    const [before, now] = [byFlavor.get(flavor) ?? NOTHING, usage.get(flavor) ?? NOTHING]
    const average = { ...NOTHING }
    for (const resource of RESOURCES)
      average[resource] =
        Math.round((now[resource] + (before[resource] - now[resource]) * kept) * PRECISION) / PRECISION
    if (RESOURCES.some((resource) => average[resource] !== 0)) averages.set(flavor, average)
  }
  return { atMs: nowMs, byFlavor: averages }
}

const NOTHING = { GPU: 0, CPU: 0, MEMORY: 0 }
