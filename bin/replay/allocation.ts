import { strict as assert } from 'node:assert'
import type { Interval } from './exportFile.ts'

/** How many GPUs were held, on the mean of one part of the whole time. */
export interface Allocation {
  startMs: number
  gpus: number
}

/** The time from the first interval's start to the last one's end in equal parts; empty where nothing was held. */
export function allocationOverTime(intervals: readonly Interval[], parts: number): Allocation[] {
  const startMs = intervals.reduce((least, each) => Math.min(least, each.startMs), Number.POSITIVE_INFINITY)
  const endMs = intervals.reduce((most, each) => Math.max(most, each.endMs), 0)
  assert(parts > 0)
  if (endMs <= startMs) return []
  const widthMs = (endMs - startMs) / parts
  const heldMs = new Array<number>(parts).fill(0)
  for (const interval of intervals) {
    const first = Math.floor((interval.startMs - startMs) / widthMs)
    for (let part = first; part < parts && startMs + part * widthMs < interval.endMs; part += 1) {
      const fromMs = Math.max(interval.startMs, startMs + part * widthMs)
      const toMs = Math.min(interval.endMs, startMs + (part + 1) * widthMs)
      heldMs[part] = (heldMs[part] ?? 0) + Math.max(0, toMs - fromMs) * Number(interval.share)
    }
  }
  return heldMs.map((held, part) => ({ startMs: startMs + part * widthMs, gpus: held / widthMs }))
}
