import { describe, expect, test } from 'vitest'
import { drivingClock, readingClock, shareTime } from './time.ts'

const START_MS = Date.UTC(2026, 0, 1)

describe('discrete-event time', () => {
  test('stands still for both planes until the compute plane moves it on', () => {
    const time = shareTime(START_MS, null)
    const [reading, driving] = [readingClock(time), drivingClock(time)]
    expect([reading.nowMs(), driving.nowMs()]).toEqual([START_MS, START_MS])
    driving.advanceTo(START_MS + 5_000)
    expect([reading.nowMs(), driving.nowMs()]).toEqual([START_MS + 5_000, START_MS + 5_000])
  })

  test('is the same for whoever reads it while a timer runs at the instant advanced to', () => {
    const time = shareTime(START_MS, null)
    const [reading, driving] = [readingClock(time), drivingClock(time)]
    const seen: number[] = []
    driving.schedule(START_MS + 1_000, () => seen.push(driving.nowMs(), reading.nowMs()))
    expect(driving.nextTimerMs()).toBe(START_MS + 1_000)
    driving.advanceTo(START_MS + 1_000)
    expect(seen).toEqual([START_MS + 1_000, START_MS + 1_000])
    expect(driving.nextTimerMs()).toBeNull()
  })
})

describe('time at a speed', () => {
  test('runs for both planes by itself', async () => {
    const time = shareTime(START_MS, 1_000_000)
    const [reading, driving] = [readingClock(time), drivingClock(time)]
    await new Promise<void>((resolve) => driving.schedule(START_MS + 60_000, resolve))
    expect(driving.nowMs()).toBeGreaterThanOrEqual(START_MS + 60_000)
    expect(reading.nowMs()).toBeGreaterThanOrEqual(START_MS + 60_000)
  })

  test('has no next instant to go to, and cannot be moved', () => {
    const driving = drivingClock(shareTime(START_MS, 2))
    expect(driving.nextTimerMs()).toBeNull()
    expect(() => driving.advanceTo(START_MS + 1)).toThrow('time runs by itself')
  })
})
