import fc from 'fast-check'
import { assert, describe, expect, test } from 'vitest'
import { discreteClock, realClock, scaledClock } from './clocks.ts'

describe('discrete clock', () => {
  test('runs timers in order of time, each at its own instant, ties in the order they were set', () => {
    const clock = discreteClock(1_000)
    const seen: string[] = []
    clock.schedule(3_000, () => seen.push(`c@${clock.nowMs()}`))
    clock.schedule(2_000, () => seen.push(`a@${clock.nowMs()}`))
    clock.schedule(2_000, () => seen.push(`b@${clock.nowMs()}`))
    clock.advanceTo(5_000)
    expect(seen).toEqual(['a@2000', 'b@2000', 'c@3000'])
    assert.equal(clock.nowMs(), 5_000)
  })

  test('a timer set by a timer runs on the same way', () => {
    const clock = discreteClock(0)
    const seen: number[] = []
    clock.schedule(10, () => clock.schedule(20, () => seen.push(clock.nowMs())))
    clock.advanceTo(30)
    expect(seen).toEqual([20])
  })

  test('a timer that is already due runs soon, without any advance', async () => {
    const clock = discreteClock(100)
    await new Promise<void>((resolve) => void clock.schedule(50, resolve))
    assert.equal(clock.nowMs(), 100)
  })

  test('lazy timers never call for an advance, but run when time passes them', () => {
    const clock = discreteClock(0)
    let ran = 0
    clock.schedule(10, () => ran++, { lazy: true })
    assert.equal(clock.nextTimerMs(), null)
    clock.schedule(20, () => {})
    assert.equal(clock.nextTimerMs(), 20)
    clock.advanceTo(20)
    assert.equal(ran, 1)
  })

  test('a cancelled timer neither runs nor calls for an advance, and may be cancelled twice', async () => {
    const clock = discreteClock(0)
    const cancelLater = clock.schedule(10, () => assert.fail('was cancelled'))
    const cancelDue = clock.schedule(0, () => assert.fail('was cancelled'))
    cancelLater()
    cancelLater()
    cancelDue()
    assert.equal(clock.nextTimerMs(), null)
    clock.advanceTo(20)
  })

  test('time never goes back', () => {
    const clock = discreteClock(10)
    expect(() => clock.advanceTo(9)).toThrow(/cannot go back/)
  })

  test('whatever is set and cancelled, the rest runs sorted by time and order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.boolean())), (timers) => {
        const clock = discreteClock(0)
        const ran: [number, number][] = []
        const cancels = timers.map(([atMs], order) => clock.schedule(atMs, () => ran.push([atMs, order])))
        for (const [order, [, cancelled]] of timers.entries()) if (cancelled) cancels[order]?.()
        clock.advanceTo(100)
        const want = timers
          .map(([atMs, cancelled], order) => ({ atMs, cancelled, order }))
          .filter((timer) => !timer.cancelled)
          .sort((a, b) => a.atMs - b.atMs || a.order - b.order)
          .map((timer) => [timer.atMs, timer.order])
        expect(ran).toEqual(want)
      }),
    )
  })
})

describe('scaled clock', () => {
  test('runs as many times faster than wall time as asked', () => {
    const wall = { ms: 5_000, nowMs: () => wall.ms }
    const clock = scaledClock(1_000_000, 60, wall)
    assert.equal(clock.nowMs(), 1_000_000)
    wall.ms += 1_000
    assert.equal(clock.nowMs(), 1_060_000)
  })

  test('fires a timer when domain time has come, not before', async () => {
    const clock = scaledClock(0, 1_000)
    const firedAtMs = await new Promise<number>((resolve) => clock.schedule(5_000, () => resolve(clock.nowMs())))
    assert.isAtLeast(firedAtMs, 5_000)
  })

  test('does not fire a timer that is further away than the event loop can hold', async () => {
    const clock = scaledClock(0, 1)
    const cancel = clock.schedule(2 ** 40, () => assert.fail('years too early'))
    await new Promise<void>((resolve) => void clock.schedule(clock.nowMs() + 5, resolve))
    cancel()
  })
})

describe('real clock', () => {
  test('does not step back when the machine’s clock is corrected', () => {
    const wall = { ms: 5_000, nowMs: () => wall.ms }
    const clock = realClock(wall)
    wall.ms = 4_000
    assert.equal(clock.nowMs(), 5_000)
    wall.ms = 6_000
    assert.equal(clock.nowMs(), 6_000)
  })
})
