import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import type { QueueStatus } from '../../kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import type { QueueBook } from './queueBook.ts'

/** Least wall time between two writes of one queue's status. */
const EVERY_MS = 1000

/** Writes what stands in the queues into their status, at most once a second each. */
export class QueueReporter {
  readonly #deps: { cluster: Cluster; book: QueueBook; queues: Informer<'Queue'>; timers: Timers; log: Log }
  readonly #due = new Set<string>()
  #cancelTick: (() => void) | null = null
  #writing: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(deps: { cluster: Cluster; book: QueueBook; queues: Informer<'Queue'>; timers: Timers; log: Log }) {
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
      const status = book.status(name)
      if (status === null || this.#isStopped || isSame(status, queues.get({ name })?.status)) continue
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
}

function isSame(a: QueueStatus, b: QueueStatus | undefined): boolean {
  return (Object.keys(a) as (keyof QueueStatus)[]).every((key) => a[key] === b?.[key])
}
