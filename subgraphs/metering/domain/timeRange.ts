import { wholeSeconds } from '../../../platform/clock.ts'

/** A span of whole seconds, end exclusive. */
export interface TimeRange {
  from: Date
  to: Date
}
export interface RangeRefusal {
  field: 'from' | 'to'
  message: string
  fix: string
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/
/** Longer than any account, short enough for every bound that follows from it. */
const MAX_YEARS = 200

/** Reads a span as clients write it; parts of a second are left out. */
export function timeRange(from: string, to: string): TimeRange | RangeRefusal {
  const start = wholeSecond(from)
  if (!start) return unreadable('from', from)
  const end = wholeSecond(to)
  if (!end) return unreadable('to', to)
  if (start >= end) {
    return {
      field: 'to',
      message: '`to` must come after `from`.',
      fix: 'Give a `to` at least one second after `from`.',
    }
  }
  const years = (end.getTime() - start.getTime()) / (365 * 86_400_000)
  if (years > MAX_YEARS) {
    return { field: 'to', message: `The span is longer than ${MAX_YEARS} years.`, fix: 'Ask for less at a time.' }
  }
  return { from: start, to: end }
}

export function isTimeRange(range: TimeRange | RangeRefusal): range is TimeRange {
  return 'from' in range
}

function wholeSecond(text: string): Date | null {
  const ms = RFC_3339.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? null : new Date(wholeSeconds(ms))
}

function unreadable(field: 'from' | 'to', text: string): RangeRefusal {
  const shown = JSON.stringify(text.slice(0, 40))
  return { field, message: `${field} is ${shown}; it must be an RFC 3339 time.`, fix: 'Write 2026-01-31T00:00:00Z.' }
}
