import { isDeepStrictEqual } from 'node:util'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import type { Condition, QueueStatus } from '../../kubernetes/objects.ts'
import { type DomainClock, toSecondsTimestamp } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import type { QueueBook } from './queueBook.ts'

/** Least wall time between two writes of one queue's status. */
const EVERY_MS = 1000

interface QueueReporterDeps {
  readonly cluster: Cluster
  readonly book: QueueBook
  readonly queues: Informer<'Queue'>
  readonly clock: Pick<DomainClock, 'nowMs'>
  readonly timers: Timers
  readonly log: Log
}

/** Writes what stands in the queues into their status, at most once a second each. */
export class QueueReporter {
  readonly #deps: QueueReporterDeps
  readonly #due = new Set<string>()
  #cancelTick: (() => void) | null = null
  #writing: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(deps: QueueReporterDeps) {
    this.#deps = deps
  }

  /** Takes note of what changed; the first change after a quiet second is written at once. */
  update(): void {
    for (const name of this.#deps.book.takeChangedStatus()) this.#due.add(name)
    if (this.#due.size === 0 || this.#cancelTick !== null || this.#isStopped) return
    const names = [...this.#due]
    this.#due.clear()
    this.#writing = this.#writing.then(() => this.#writeAll(names))
    this.#cancelTick = this.#deps.timers.after(EVERY_MS, () => {
      this.#cancelTick = null
      this.update()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTick?.()
  }

  /** One after another: status is worth no burst. */
  async #writeAll(names: readonly string[]): Promise<void> {
    const { cluster, book, queues, log } = this.#deps
    for (const name of names) {
      const numbers = book.status(name)
      if (numbers === null || this.#isStopped) continue
      const before = queues.get({ name })?.status
      const status = { ...numbers, conditions: [this.#active(name, numbers, before)] }
      if (isDeepStrictEqual(status, before)) continue
      try {
        await cluster.patch('Queue', { name }, [{ op: 'add', path: '/status', value: status }], {
          subresource: 'status',
        })
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error
        log.debug({ queue: name, code: error.code }, 'scheduler: queue status not written')
        this.#due.add(name)
      }
    }
  }

  #active(name: string, { observedGeneration = 0 }: QueueStatus, before: QueueStatus | undefined): Condition {
    const problem = this.#deps.book.problem(name)
    const status = problem === null ? 'True' : 'False'
    const known = before?.conditions?.find(({ type }) => type === 'Active')
    const since = known?.status === status ? known.lastTransitionTime : toSecondsTimestamp(this.#deps.clock.nowMs())
    return {
      type: 'Active',
      status,
      reason: problem === null ? 'Ready' : 'Misconfigured',
      message: problem ?? 'Jobs are admitted from it.',
      lastTransitionTime: since,
      observedGeneration,
    }
  }
}
