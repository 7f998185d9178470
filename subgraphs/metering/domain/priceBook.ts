import { strict as assert } from 'node:assert'
import type { UnitPrice } from './interval.ts'

/** A version of the price list, in force from its time until the next one's. */
export interface PriceList {
  version: number
  effectiveFromSeconds: number
  /** ISO 4217. */
  currency: string
  /** Decimal price of a second of a whole device, by GPU model; `*` is any other model. */
  perGpuSecond: Readonly<Record<string, string>>
}

/**
 * The price that an interval has from its start to its end: that of the version in force when it was
 * admitted, so that whoever starts a job knows what it costs. Before the first version the first one holds.
 * @param model null: no device, and so no price
 */
export function priceAt(lists: readonly PriceList[], model: string | null, atSeconds: number): UnitPrice {
  const sorted = lists.toSorted(
    (one, other) => one.effectiveFromSeconds - other.effectiveFromSeconds || one.version - other.version,
  )
  const list = sorted.findLast(({ effectiveFromSeconds }) => effectiveFromSeconds <= atSeconds) ?? sorted[0]
  assert(list, 'there is no price list')
  const { version, currency, perGpuSecond } = list
  if (model === null) return { perGpuSecond: '0', currency, version }
  const price = Object.hasOwn(perGpuSecond, model) ? perGpuSecond[model] : perGpuSecond['*']
  assert(price !== undefined, `price list ${version} has no price for ${model}`)
  return { perGpuSecond: price, currency, version }
}
