import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, podGone, T0 } from '../testkit/builders.ts'
import { MemoryLedger, overheld } from '../testkit/ledger.ts'
import { clashingLives, endOf, type Life, numbered, scrambled, storyOf, tiledLives } from '../testkit/lifecycles.ts'
import { Exact } from './exact.ts'

/** What was held, in plain arithmetic: for each pod its seconds times the shares of its devices. */
function integralOf(lives: readonly Life[]): string {
  const t0 = Date.parse(T0)
  const second = (ms: number) => Math.floor((t0 + ms) / 1000)
  let thousandths = 0
  for (const { devices, admittedMs, finishedMs } of lives) {
    for (const { share } of devices) {
      thousandths += (second(finishedMs) - second(admittedMs)) * Math.round(Number(share) * 1000)
    }
  }
  return new Exact(thousandths).div(1000).toFixed()
}

function sumOf(ledger: MemoryLedger): string {
  return ledger
    .intervals()
    .reduce((sum, { gpuSeconds }) => sum.plus(gpuSeconds ?? 0), new Exact(0))
    .toFixed()
}

describe('the ledger against plain arithmetic', () => {
  test('records doubled, shuffled and cut into any batches come to the integral of what was held', () => {
    const told = tiledLives.chain((lives) => scrambled(lives.flatMap(storyOf)).map((batches) => ({ lives, batches })))
    fc.assert(
      fc.property(told, ({ lives, batches }) => {
        const ledger = new MemoryLedger()
        for (const batch of numbered(batches)) {
          ledger.apply(batch)
          expect(ledger.apply(batch)).toBe(0) // the same again changes nothing
        }
        expect(ledger.intervals().filter(({ state, clamped }) => state === 'OPEN' || clamped)).toEqual([])
        expect(sumOf(ledger)).toBe(integralOf(lives))
        expect(overheld(ledger.intervals())).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('what was lost on the way is made good by a resync that tells how things are', () => {
    const lossy = tiledLives.chain((lives) =>
      fc.subarray(lives.flatMap(storyOf)).chain((kept) => scrambled(kept).map((batches) => ({ lives, batches }))),
    )
    fc.assert(
      fc.property(lossy, ({ lives, batches }) => {
        const ledger = new MemoryLedger()
        for (const batch of numbered([...batches, lives.map(endOf)])) ledger.apply(batch)
        expect(sumOf(ledger)).toBe(integralOf(lives))
      }),
      { numRuns: 200 },
    )
  })

  test('whatever pods claim, no device is ever held more than once over, and what is closed stays', () => {
    const told = clashingLives.chain((lives) =>
      fc.subarray(lives.flatMap(storyOf)).chain((kept) => {
        const gone = lives.map(({ uid }, index) => podGone(uid, at(index * 3)))
        return scrambled(kept).map((batches) => [...batches, gone])
      }),
    )
    fc.assert(
      fc.property(told, (batches) => {
        const ledger = new MemoryLedger() // throws where a closed interval changes
        for (const batch of numbered(batches)) {
          ledger.apply(batch)
          expect(overheld(ledger.intervals())).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })
})
