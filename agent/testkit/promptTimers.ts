import type { Timers } from '../../platform/timers.ts'

/** Timers that nobody waits for: what is due within `promptMs` runs in the next turn of the event loop. */
export interface PromptTimers extends Timers {
  /** Of all timers that were ever set, in order. */
  readonly delays: readonly number[]
  /** Those that are longer run here, and only here. */
  runLong(): void
}

export function promptTimers(promptMs = 1_000): PromptTimers {
  const delays: number[] = []
  const long = new Set<() => void>()
  return {
    delays,
    after(delayMs, run) {
      delays.push(delayMs)
      if (delayMs > promptMs) {
        long.add(run)
        return () => long.delete(run)
      }
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    },
    runLong() {
      for (const run of [...long]) {
        long.delete(run)
        run()
      }
    },
  }
}
