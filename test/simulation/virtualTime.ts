import { strict as assert } from 'node:assert'
import { setImmediate as immediate } from 'node:timers/promises'
import { type DiscreteClock, discreteClock } from '../../platform/clocks.ts'
import { timerHeap } from '../../platform/timerHeap.ts'

/** When every simulation begins, in domain time and by the clocks on the wall. */
export const START_MS = Date.UTC(2026, 0, 1)

/**
 * The time that really goes by in a simulation. Everything that waits for something waits for an entry here,
 * so the order in which things happen is decided by the entries' times alone. Nothing waits for the machine.
 */
export class VirtualTime {
  /** Domain time, as the whole cluster has it: real time, but for the jumps it has made. */
  readonly domain: DiscreteClock = discreteClock(START_MS)
  readonly #due = timerHeap()
  #nowMs = 0
  #domainOffsetMs = START_MS

  /** Since the simulation began. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** @returns cancels */
  after(delayMs: number, run: () => void): () => void {
    return this.#due.add(this.#nowMs + Math.max(0, delayMs), run)
  }

  /**
   * The clock that domain time comes from is set. Domain time never steps back: where it was set back it
   * stands still until it is true again.
   */
  setDomainClock(byMs: number): void {
    this.#domainOffsetMs += byMs
    this.#domainFollows()
  }

  /** Lets what is due happen, one thing after another, each with all that follows from it at once. */
  async runFor(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settled()
    for (;;) {
      const ownMs = this.#due.firstMs() ?? Number.POSITIVE_INFINITY
      const domainMs = (this.domain.nextTimerMs() ?? Number.POSITIVE_INFINITY) - this.#domainOffsetMs
      const nextMs = Math.min(ownMs, domainMs)
      if (nextMs > endMs) break
      this.#advance(nextMs)
      if (domainMs > ownMs) this.#due.takeFirst()()
      await settled()
    }
    this.#advance(endMs)
  }

  #advance(toMs: number): void {
    // A timer that was set for the past is due now.
    this.#nowMs = Math.max(this.#nowMs, toMs)
    this.#domainFollows()
  }

  #domainFollows(): void {
    const domainMs = this.#nowMs + this.#domainOffsetMs
    if (domainMs > this.domain.nowMs()) this.domain.advanceTo(domainMs)
  }
}

/**
 * Everything that needs no time has happened: microtasks, and the look that the scheduler takes in the next turn
 * of the event loop. What these do is in an order of its own, the same each time.
 */
async function settled(): Promise<void> {
  await immediate()
  await immediate()
}

/** Some time from a range, the same one from the same randomness. */
export function between(random: () => number, fromMs: number, toMs: number): number {
  assert(toMs >= fromMs)
  return Math.round(fromMs + random() * (toMs - fromMs))
}
