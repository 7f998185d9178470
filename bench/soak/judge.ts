import type { Sample } from './sample.ts'

/** How one figure went over the second half of a run. */
export interface Course {
  figure: string
  first: number
  last: number
  /** Least squares over the second half, for an hour. */
  growthPerHour: number
  verdict: 'level' | 'grows' | 'kept'
}

/**
 * A row for each job, or for what happened to it: kept on purpose, until its retention or for as long as the
 * job. What else a schema has must level off.
 */
const KEPT =
  /\.(jobs|pods|intervals|events|idempotency|audit_log|feed_entries|known_facts|metered_jobs|exports) (rows|KiB)$/

/** By how much of its own level, or of this at least, a figure may rise in the second half and still be level. */
const TOLERANCE = 0.06
const SLACK: readonly [RegExp, number][] = [
  [/PSS MiB$/, 16],
  [/heap MiB$/, 4],
  [/(files|sockets|timers)$/, 12],
  [/loop delay/, 60],
  [/connections$/, 4],
  [/rows$/, 50],
  [/KiB$/, 256],
]

/** @param everySeconds between samples */
export function judge(samples: readonly Sample[], everySeconds: number): Course[] {
  const half = samples.slice(Math.floor(samples.length / 2))
  const figures = Object.keys(samples.at(-1) ?? {})
  return figures.map((figure) => {
    const values = half.map((sample) => sample[figure] ?? 0)
    const slope = slopeOf(values)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const rise = slope * (values.length - 1)
    const slack = SLACK.find(([pattern]) => pattern.test(figure))?.[1] ?? 0
    const isLevel = rise <= Math.max(slack, mean * TOLERANCE)
    return {
      figure,
      first: samples[0]?.[figure] ?? 0,
      last: values.at(-1) ?? 0,
      growthPerHour: Math.round(((slope * 3_600) / everySeconds) * 10) / 10,
      verdict: isLevel ? 'level' : KEPT.test(figure) ? 'kept' : 'grows',
    }
  })
}

/** Least squares, per step. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let above = 0
  let below = 0
  for (const [step, value] of values.entries()) {
    above += (step - middle) * (value - mean)
    below += (step - middle) ** 2
  }
  return below === 0 ? 0 : above / below
}
