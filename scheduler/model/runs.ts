/** A stretch of a list in which a value is the same. */
interface Run {
  readonly value: number
  readonly from: number
  /** Position after its last. */
  readonly to: number
}

/** Of a list that is in the order of a value, the stretches of the same, without a look at most of them. */
export function runsOf<T>(items: readonly T[], rankOf: (item: T) => number): Run[] {
  const runs: Run[] = []
  for (let from = 0; from < items.length; from = runs.at(-1)?.to ?? items.length) {
    const value = rankOf(items[from] as T)
    runs.push({ value, from, to: firstIndex(from, items.length, (i) => rankOf(items[i] as T) !== value) })
  }
  return runs
}

/** The first position in [from, to) for which it holds, given that it holds for all after that; `to` where for none. */
export function firstIndex(from: number, to: number, holds: (index: number) => boolean): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
