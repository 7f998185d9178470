/**
 * Says "look again" inside one process. A wake-up carries nothing and may be lost or doubled: the
 * tables are the truth, and every waiter also looks once in a while by itself.
 */
export interface Wakeups {
  /** Wakes whoever waits for `topic`, in the next turn of the event loop; several calls before that are one. */
  notify(topic: string): void
  /** @returns ends the subscription */
  on(topic: string, run: () => void): () => void
  /** Resolves at the next wake-up, after `timeoutMs` at the latest, or when `signal` aborts. */
  wait(topic: string, timeoutMs: number, signal?: AbortSignal): Promise<void>
}

export function createWakeups(): Wakeups {
  const listeners = new Map<string, Set<() => void>>()
  const due = new Set<string>()

  const deliver = () => {
    const topics = [...due]
    due.clear()
    for (const topic of topics) for (const run of [...(listeners.get(topic) ?? [])]) run()
  }

  const on: Wakeups['on'] = (topic, run) => {
    const set = listeners.get(topic) ?? new Set()
    listeners.set(topic, set.add(run))
    return () => {
      set.delete(run)
      if (set.size === 0 && listeners.get(topic) === set) listeners.delete(topic)
    }
  }

  return {
    on,
    notify(topic) {
      if (due.size === 0) setImmediate(deliver)
      due.add(topic)
    },
    wait(topic, timeoutMs, signal) {
      return new Promise((resolve) => {
        const end = () => {
          off()
          clearTimeout(timer)
          signal?.removeEventListener('abort', end)
          resolve()
        }
        const off = on(topic, end)
        const timer = setTimeout(end, timeoutMs)
        signal?.addEventListener('abort', end)
        if (signal?.aborted) end()
      })
    },
  }
}
