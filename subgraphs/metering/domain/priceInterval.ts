import { strict as assert } from 'node:assert'
import { Exact } from './exact.ts'
import type { UnitPrice } from './interval.ts'

/**
 * Charge for one interval, exact and unrounded (ADR 0008).
 * @param seconds whole seconds held, busy or idle
 * @param share decimal of one device
 */
export function priceInterval(seconds: number, share: string, price: UnitPrice): { gpuSeconds: string; cost: string } {
  assert(Number.isSafeInteger(seconds) && seconds >= 0)
  const gpuSeconds = new Exact(share).times(seconds)
  return { gpuSeconds: gpuSeconds.toFixed(), cost: gpuSeconds.times(price.perGpuSecond).toFixed() }
}
