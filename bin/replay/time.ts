import { strict as assert } from 'node:assert'
import type { DomainClock } from '../../platform/clock.ts'
import { discreteClock, scaledClock } from '../../platform/clocks.ts'

/**
 * Domain time of a replay, one for both threads. Discrete-event time stands still until the compute
 * plane, which has the timers, moves it on; the other thread reads it from memory they share.
 */
export interface SharedTime {
  readonly startMs: number
  /** Times as fast as wall time; null: discrete-event time. */
  readonly speed: number | null
  readonly wallStartMs: number
  /** One Float64: now, in discrete-event time. */
  readonly now: SharedArrayBuffer
}

export function shareTime(startMs: number, speed: number | null): SharedTime {
  const now = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)
  new Float64Array(now)[0] = startMs
  return { startMs, speed, wallStartMs: Date.now(), now }
}

/** The control plane's clock: it reads the time. */
export function readingClock(time: SharedTime): Pick<DomainClock, 'nowMs'> {
  if (time.speed !== null) return runningClock(time, time.speed)
  const now = new Float64Array(time.now)
  return { nowMs: () => now[0] ?? time.startMs }
}

/** The compute plane's clock: its timers are what makes discrete-event time go on. */
export interface DrivingClock extends DomainClock {
  /** Runs every timer on the way. Only where time is discrete. */
  advanceTo(ms: number): void
  /** null: nothing will happen by itself, or time runs by itself. */
  nextTimerMs(): number | null
}

export function drivingClock(time: SharedTime): DrivingClock {
  if (time.speed !== null) {
    const running = runningClock(time, time.speed)
    return { ...running, nextTimerMs: () => null, advanceTo: () => assert.fail('time runs by itself') }
  }
  const discrete = discreteClock(time.startMs)
  const now = new Float64Array(time.now)
  return {
    ...discrete,
    advanceTo(ms) {
      now[0] = ms
      discrete.advanceTo(ms)
    },
  }
}

function runningClock({ startMs, wallStartMs }: SharedTime, speed: number): DomainClock {
  return scaledClock(startMs + (Date.now() - wallStartMs) * speed, speed)
}
