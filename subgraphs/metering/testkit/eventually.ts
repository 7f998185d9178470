import { expect } from 'vitest'

/** For what follows by itself: asks until the answer is as expected. The machine may be busy. */
export function eventually<T>(ask: () => Promise<T>) {
  return expect.poll(ask, { timeout: 10_000, interval: 20 })
}
