import { backoffMs, type Timers } from '../platform/timers.ts'

/**
 * Keys that have work, each done by itself until it succeeds: what fails is tried again later, and while
 * it waits for that it takes no place from the others. A key is never worked on twice at a time.
 */
export interface WorkQueue {
  /** There is (new) work for this key: it is tried at once, also where it waits for another attempt. */
  add(key: string): void
  /** 0: nothing is to be done, under way or waiting for another attempt. */
  readonly pending: number
  /** Begins nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>
}

interface WorkQueueOptions {
  /** Must be harmless to do again. A rejection means: again later. */
  work(key: string): Promise<void>
  /** @param failures in a row, this one included */
  onFailure(key: string, error: unknown, failures: number): void
  /** Called whenever a key has been worked on. */
  onProgress(): void
  timers: Timers
  random: () => number
}

const PARALLEL = 16
/** The first retry comes soon: what is missing is mostly on its way, such as the namespace of a new project. */
const BASE_RETRY_MS = 25
const LAST_RETRY_MS = 10_000

export function startWorkQueue({ work, onFailure, onProgress, timers, random }: WorkQueueOptions): WorkQueue {
  const due = new Set<string>()
  const running = new Map<string, Promise<void>>()
  /** Cancels, of keys that wait for another attempt. */
  const waiting = new Map<string, () => void>()
  const failures = new Map<string, number>()
  let isStopped = false

  function startDue(): void {
    for (const key of due) {
      if (isStopped || running.size >= PARALLEL) return
      if (running.has(key)) continue
      due.delete(key)
      running.set(key, run(key))
    }
  }

  async function run(key: string): Promise<void> {
    try {
      await work(key)
      failures.delete(key)
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      onFailure(key, error, count)
      if (!due.has(key) && !isStopped) tryLater(key, count)
    }
    running.delete(key)
    startDue()
    onProgress()
  }

  function tryLater(key: string, count: number): void {
    const cancel = timers.after(backoffMs(count, BASE_RETRY_MS, LAST_RETRY_MS, random), () => {
      waiting.delete(key)
      due.add(key)
      startDue()
    })
    waiting.set(key, cancel)
  }

  return {
    add(key) {
      waiting.get(key)?.()
      waiting.delete(key)
      failures.delete(key)
      due.add(key)
      startDue()
    },
    get pending() {
      return due.size + running.size + waiting.size
    },
    async stop() {
      isStopped = true
      for (const cancel of waiting.values()) cancel()
      await Promise.all(running.values())
    },
  }
}
