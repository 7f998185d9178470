import { strict as assert } from 'node:assert'
import type { DomainClock, WallClock } from './clock.ts'
import { timerHeap } from './timerHeap.ts'

/** Node's timers hold a 32-bit delay; a longer one would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const wallClock: WallClock = { nowMs: () => Date.now() }

/** Domain time is wall time. It never steps back, also when the machine's clock is corrected. */
export function realClock(wall: WallClock = wallClock): DomainClock {
  return scaledClock(wall.nowMs(), 1, wall)
}

/**
 * Domain time that starts at `startMs` and runs `speed` times as fast as wall time.
 * Lazy timers run when due, but do not keep the process alive.
 */
export function scaledClock(startMs: number, speed: number, wall: WallClock = wallClock): DomainClock {
  assert(speed > 0 && Number.isFinite(speed))
  const wallStartMs = wall.nowMs()
  let latestMs = startMs

  function nowMs(): number {
    latestMs = Math.max(latestMs, Math.floor(startMs + (wall.nowMs() - wallStartMs) * speed))
    return latestMs
  }

  function schedule(atMs: number, run: () => void, options?: { lazy?: boolean }): () => void {
    let timer: NodeJS.Timeout | undefined
    const arm = () => {
      const delayMs = Math.min(Math.ceil(Math.max(0, atMs - nowMs()) / speed), LONGEST_TIMEOUT_MS)
      timer = setTimeout(() => (nowMs() >= atMs ? run() : arm()), delayMs)
      if (options?.lazy) timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  }

  return { nowMs, schedule }
}

export interface DiscreteClock extends DomainClock {
  /**
   * Moves domain time forward and runs every timer on the way, in order of time, each at its own instant.
   * Effects that need the event loop settle only between two calls, so a driver that wants each instant
   * settled goes from `nextTimerMs()` to `nextTimerMs()`.
   */
  advanceTo(ms: number): void
  /** When the next timer that makes time advance is due; null where nothing is waiting. Lazy timers do not count. */
  nextTimerMs(): number | null
}

/** Discrete-event time: it stands still until `advanceTo`. */
export function discreteClock(startMs: number): DiscreteClock {
  const eager = timerHeap()
  const lazy = timerHeap()
  let now = startMs

  function schedule(atMs: number, run: () => void, options?: { lazy?: boolean }): () => void {
    if (atMs > now) return (options?.lazy ? lazy : eager).add(atMs, run)
    let cancelled = false
    queueMicrotask(() => cancelled || run())
    return () => {
      cancelled = true
    }
  }

  function advanceTo(ms: number): void {
    assert(ms >= now, `domain time cannot go back from ${now} to ${ms}`)
    for (;;) {
      const nextMs = Math.min(eager.firstMs() ?? Infinity, lazy.firstMs() ?? Infinity)
      if (nextMs > ms) break
      now = nextMs
      const due = eager.firstMs() === nextMs ? eager : lazy
      due.takeFirst()()
    }
    now = ms
  }

  return { nowMs: () => now, schedule, advanceTo, nextTimerMs: () => eager.firstMs() }
}
