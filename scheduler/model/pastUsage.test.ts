import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import { averageAt, type PastUsage } from './pastUsage.ts'

const HOUR_MS = 3_600_000
const gpus = (thousandths: number) => new Map([['a100', { GPU: thousandths, CPU: 0, MEMORY: 0 }]])
const gpusOf = (past: PastUsage) => past.byFlavor.get('a100')?.GPU ?? 0
const nothing: PastUsage = { atMs: 0, byFlavor: new Map() }

describe('what a queue had of late', () => {
  test('is half of what it has after one half-life, three quarters after two, and half as much again one later', () => {
    const having = (hours: number) => averageAt(nothing, gpus(8000), HOUR_MS, hours * HOUR_MS)
    assert.deepEqual(
      [1, 2, 3].map((hours) => gpusOf(having(hours))),
      [4000, 6000, 7000],
    )
    assert.equal(gpusOf(averageAt(having(2), new Map(), HOUR_MS, 3 * HOUR_MS)), 3000)
  })

  test('does not depend on how often it was asked', () => {
    const days = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 20 })
    const property = fc.property(days, fc.integer({ min: 0, max: 64_000 }), (steps, used) => {
      let asked: PastUsage = nothing
      for (const step of steps) asked = averageAt(asked, gpus(used), HOUR_MS, asked.atMs + step)
      const once = averageAt(nothing, gpus(used), HOUR_MS, asked.atMs)
      assert.closeTo(gpusOf(asked), gpusOf(once), 1e-4)
    })
    fc.assert(property, { seed: 7 })
  })

  test('does not change while a clock that went back catches up', () => {
    const before = averageAt(nothing, gpus(8000), HOUR_MS, 2 * HOUR_MS)
    const back = averageAt(before, gpus(8000), HOUR_MS, HOUR_MS)
    assert.deepEqual(back, before)
    assert.equal(gpusOf(averageAt(back, gpus(8000), HOUR_MS, 3 * HOUR_MS)), 7000)
  })
})
