/** Events that a test pushes to everyone who listens; like the event hub, it can be left while it waits. */
export interface EventSource<T> {
  push(event: T): void
  /** The next next() of every listener fails. */
  fail(error: Error): void
  listen(): AsyncGenerator<T, void, void>
  readonly listeners: number
  /** Events that listeners have asked for and got, over all of them. */
  readonly taken: number
}

export function createEventSource<T>(): EventSource<T> {
  const open = new Set<Listener<T>>()
  let taken = 0
  return {
    push: (event) => {
      for (const listener of open) listener.offer({ event })
    },
    fail: (error) => {
      for (const listener of open) listener.offer({ error })
    },
    listen() {
      const listener = createListener<T>({
        onEnd: () => open.delete(listener),
        onTaken: () => {
          taken += 1
        },
      })
      open.add(listener)
      return listener.generator
    },
    get listeners() {
      return open.size
    },
    get taken() {
      return taken
    },
  }
}

type Item<T> = { event: T } | { error: Error }
interface Listener<T> {
  offer(item: Item<T>): void
  generator: AsyncGenerator<T, void, void>
}

function createListener<T>({ onEnd, onTaken }: { onEnd(): void; onTaken(): void }): Listener<T> {
  const items: Item<T>[] = []
  let ended = false
  let wake = () => {}
  const end = async () => {
    ended = true
    onEnd()
    wake()
    return { done: true as const, value: undefined }
  }
  const generator: AsyncGenerator<T, void, void> = {
    async next() {
      while (!ended && items.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const item = ended ? undefined : items.shift()
      if (!item) return { done: true, value: undefined }
      if ('error' in item) throw item.error
      onTaken()
      return { done: false, value: item.event }
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => void (await end()),
  }
  return {
    generator,
    offer(item) {
      items.push(item)
      wake()
    },
  }
}
