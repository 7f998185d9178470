/**
 * Reading what tenants may have written: annotations, labels and some fields of Jobs and pods. What is
 * not in the form that it should have says nothing (null), and nothing is longer or larger than a batch
 * of observations and the control plane's columns can take.
 */

const MAX_TEXT = 1_024
const MAX_COUNT = 2 ** 31 - 1
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

export function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : null
}

export function timeIn(value: unknown): string | null {
  const isTime = typeof value === 'string' && RFC3339.test(value) && !Number.isNaN(Date.parse(value))
  return isTime ? value : null
}

/** A whole number from 0, as a number or as text. */
export function countIn(value: unknown): number | null {
  const count = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? Math.min(count, MAX_COUNT) : null
}

/** A part of one device, as a decimal. */
export function shareIn(value: unknown): string | null {
  const isShare = typeof value === 'string' && /^[01](\.\d{1,6})?$/.test(value)
  return isShare && Number(value) > 0 && Number(value) <= 1 ? value : null
}

/** What `read` makes of a quantity; 0 where there is none, or one that only a forger would write. */
export function amountIn(quantity: string | undefined, read: (quantity: string, round: 'up') => number): number {
  try {
    return countIn(read(quantity ?? '0', 'up')) ?? MAX_COUNT
  } catch (error) {
    if (error instanceof RangeError) return 0
    throw error
  }
}

export function objectIn(text: string | undefined): Record<string, unknown> | null {
  const value = jsonIn(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

export function listIn(text: string | undefined): unknown[] | null {
  const value = jsonIn(text)
  return Array.isArray(value) ? value : null
}

function jsonIn(text: string | undefined): unknown {
  if (text === undefined) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
