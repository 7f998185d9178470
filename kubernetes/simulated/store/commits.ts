import { strict as assert } from 'node:assert'
import { systemTimers, type Timers } from '../../../platform/timers.ts'
import type { ObjectStore } from './objectStore.ts'

/** Where committed writes go before anybody hears of them. */
export interface CommitSink {
  /** Returns once the bytes are with the operating system. @throws ClusterError; the next flush tries them again */
  flush(): void
}

/** One write leads to a handful of rounds; more than this are a mistake that would never end. */
const MAX_ROUNDS = 10_000
const FLUSH_RETRY_MS = 1_000

/**
 * Groups writes. All that is written in one go, with what the controllers make of it, is one commit:
 * first the controllers run until they have nothing left to do, then the journal takes the whole group
 * at once, then callers get their answers and watches their events. So a crash keeps or loses a
 * controller's writes together, and nobody hears of what could still be lost.
 */
export class Commits {
  readonly #store: ObjectStore
  readonly #sink: CommitSink | undefined
  readonly #timers: Timers
  readonly #controllers: (() => boolean)[] = []
  readonly #onReveal: (() => void)[] = []
  #pending: PromiseWithResolvers<void> | undefined

  constructor(store: ObjectStore, sink?: CommitSink, timers: Timers = systemTimers) {
    this.#store = store
    this.#sink = sink
    this.#timers = timers
    store.onChange(() => this.request())
  }

  /** @param runOnce does what there is to do now; returns whether it did anything */
  addController(runOnce: () => boolean): void {
    this.#controllers.push(runOnce)
  }

  onReveal(listener: () => void): void {
    this.#onReveal.push(listener)
  }

  get isPending(): boolean {
    return this.#pending !== undefined
  }

  /** Makes sure that controllers run and that what they write is committed. */
  request(): void {
    if (this.#pending !== undefined) return
    this.#pending = Promise.withResolvers()
    // A failed flush has no caller of its own where a controller's timer asked for the commit.
    this.#pending.promise.catch(() => {})
    queueMicrotask(() => {
      this.#runControllers()
      // With a journal, one more turn of the event loop gathers what else is on its way into one write.
      if (this.#sink === undefined) this.#commit()
      else setImmediate(() => this.#commit())
    })
  }

  /** Resolves when all that has been written so far is committed; at once where there is nothing. */
  committed(): Promise<void> | undefined {
    return this.#pending?.promise
  }

  #commit(): void {
    // Writes of the last turn may have left the controllers work.
    this.#runControllers()
    const pending = this.#pending
    this.#pending = undefined
    try {
      this.#sink?.flush()
    } catch (error) {
      pending?.reject(error)
      // What the controllers wrote has no caller who would try again.
      this.#timers.after(FLUSH_RETRY_MS, () => this.request())
      return
    }
    for (const log of this.#store.logs()) log.reveal()
    pending?.resolve()
    for (const listener of this.#onReveal) listener()
  }

  #runControllers(): void {
    for (let round = 0; this.#controllers.map((runOnce) => runOnce()).includes(true); round++) {
      assert(round < MAX_ROUNDS, 'controllers undo one another for ever')
    }
  }
}
