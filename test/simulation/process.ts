import type { DomainClock, WallClock } from '../../platform/clock.ts'
import type { Timers } from '../../platform/timers.ts'
import { START_MS, type VirtualTime } from './virtualTime.ts'

/**
 * A process of the simulation, as far as time and messages reach it. Whatever calls into its code goes through
 * `gate`: while it is paused, as by SIGSTOP, all of that waits; once it is killed nothing ever comes.
 */
export class Process {
  readonly name: string
  readonly timers: Timers
  readonly wall: WallClock
  /** By its machine's clock, which is a little off. */
  readonly clock: DomainClock
  readonly #time: VirtualTime
  #state: 'running' | 'paused' | 'dead' = 'running'
  #held: (() => void)[] = []
  #wallOffsetMs = START_MS
  readonly #onKill: (() => void)[] = []

  constructor(name: string, time: VirtualTime, skewMs: number) {
    this.name = name
    this.#time = time
    this.timers = { after: (delayMs, run) => time.after(delayMs, this.gate(run)) }
    this.wall = { nowMs: () => time.nowMs + this.#wallOffsetMs }
    this.clock = {
      nowMs: () => time.domain.nowMs() + skewMs,
      schedule: (atMs, run, options) => time.domain.schedule(atMs - skewMs, this.gate(run), options),
    }
  }

  get state(): 'running' | 'paused' | 'dead' {
    return this.#state
  }

  /** Nobody can set it. */
  monotonicMs(): number {
    return this.#time.nowMs
  }

  gate(run: () => void): () => void {
    return () => {
      if (this.#state === 'running') run()
      else if (this.#state === 'paused') this.#held.push(run)
    }
  }

  /** Somebody sets the clock on its wall. */
  setWall(byMs: number): void {
    this.#wallOffsetMs += byMs
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused'
  }

  /** What came meanwhile comes now, in its order. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    const held = this.#held
    this.#held = []
    for (const run of held) this.#time.after(0, this.gate(run))
  }

  /** As by kill -9: what it has sent is on its way, what comes for it is lost. */
  kill(): void {
    if (this.#state === 'dead') return
    this.#state = 'dead'
    this.#held = []
    for (const run of this.#onKill) run()
  }

  onKill(run: () => void): void {
    this.#onKill.push(run)
  }
}
