import { ClusterError, type ClusterErrorCode } from '../../kubernetes/cluster.ts'
import type { Log } from '../../platform/log.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'

/** Failures that say nothing about the write itself: it may even have been done. */
const PASSING: ReadonlySet<ClusterErrorCode> = new Set(['TIMEOUT', 'UNAVAILABLE', 'TOO_MANY_REQUESTS'])
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 10_000

/**
 * Requests to the cluster, at most `limit` at once. One that failed in passing is repeated until there is
 * an answer, so an attempt must be such that it does no harm when an earlier one had succeeded.
 */
export class Writes {
  readonly #limit: number
  readonly #timers: Timers
  readonly #random: () => number
  readonly #log: Log
  readonly #stopping: AbortSignal
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(options: { limit: number; timers: Timers; random: () => number; log: Log; stopping: AbortSignal }) {
    this.#limit = options.limit
    this.#timers = options.timers
    this.#random = options.random
    this.#log = options.log
    this.#stopping = options.stopping
  }

  /** Rejects with the ClusterError of a definite refusal, or with the last one where the scheduler is stopping. */
  async run<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures++) {
      try {
        return await this.#inTurn(attempt)
      } catch (error) {
        if (!(error instanceof ClusterError) || !PASSING.has(error.code) || this.#stopping.aborted) throw error
        this.#log.warn({ what, code: error.code, failures }, 'scheduler: no answer, will repeat')
        const askedMs = (error.retryAfterSeconds ?? 0) * 1000
        const waitMs = Math.max(askedMs, backoffMs(failures, FIRST_RETRY_MS, LAST_RETRY_MS, this.#random))
        await pause(this.#timers, waitMs, this.#stopping)
      }
    }
  }

  async #inTurn<T>(attempt: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await attempt()
    } finally {
      const next = this.#waiting.shift()
      if (next !== undefined) next()
      else this.#running -= 1
    }
  }
}
