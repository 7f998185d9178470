import type { WatchEvent, WatchOptions } from '../../cluster.ts'
import type { Kind, Kinds } from '../../objects.ts'
import type { Change, ChangeLog } from './changeLog.ts'
import { labelSelector, type Matches } from './labelSelector.ts'
import type { ObjectStore } from './objectStore.ts'
import { expired } from './refusals.ts'
import { namespaceOf, typed } from './storedObject.ts'

/** All open watches of the cluster: they read along the change logs, each at its own pace. */
export class Watches {
  readonly #store: ObjectStore
  readonly #open = new Set<AnyWatch>()
  readonly #onParked: () => void
  #stopped = false

  /** @param onParked called whenever a watch has told all there is and waits */
  constructor(store: ObjectStore, onParked: () => void) {
    this.#store = store
    this.#onParked = onParked
  }

  watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<Kinds[K]>> {
    return {
      [Symbol.asyncIterator]: () => {
        const watch = new Watch(kind, this.#store.log(kind), options, {
          onParked: this.#onParked,
          onClosed: (closed) => this.#open.delete(closed),
        })
        this.#open.add(watch)
        if (this.#stopped) watch.close()
        return watch
      },
    }
  }

  /** Whether every watcher has taken all there is, and has come back for more. */
  get areParked(): boolean {
    for (const watch of this.#open) if (!watch.isParked) return false
    return true
  }

  wake(): void {
    for (const watch of this.#open) watch.wake()
  }

  /** Ends every stream, as a server does that goes away. */
  stop(): void {
    this.#stopped = true
    for (const watch of this.#open) watch.close()
  }
}

interface AnyWatch {
  readonly isParked: boolean
  wake(): void
  close(): void
}

interface WatchHooks {
  onParked(): void
  onClosed(watch: AnyWatch): void
}

class Watch<K extends Kind> implements AsyncIterator<WatchEvent<Kinds[K]>> {
  readonly #kind: K
  readonly #log: ChangeLog
  readonly #namespace: string | undefined
  readonly #matches: Matches
  readonly #signal: AbortSignal
  readonly #hooks: WatchHooks
  readonly #onAbort = () => this.close()
  /** null: what it asks for is gone. */
  #position: number | null
  #parked: PromiseWithResolvers<IteratorResult<WatchEvent<Kinds[K]>>> | undefined
  #closed = false

  constructor(kind: K, log: ChangeLog, options: WatchOptions, hooks: WatchHooks) {
    this.#kind = kind
    this.#log = log
    this.#namespace = options.namespace
    this.#matches = labelSelector(options.labelSelector)
    this.#signal = options.signal
    this.#hooks = hooks
    this.#position = log.positionAfter(Number(options.resourceVersion))
    this.#signal.addEventListener('abort', this.#onAbort)
  }

  get isParked(): boolean {
    return this.#parked !== undefined
  }

  async next(): Promise<IteratorResult<WatchEvent<Kinds[K]>>> {
    if (this.#signal.aborted) this.close()
    if (this.#closed) return { done: true, value: undefined }
    if (this.#position === null) {
      this.close()
      throw expired('too old resource version')
    }
    const event = this.#take(this.#position)
    if (event !== undefined) return { done: false, value: event }
    if (this.#closed) return { done: true, value: undefined }
    this.#parked = Promise.withResolvers()
    this.#hooks.onParked()
    return this.#parked.promise
  }

  async return(): Promise<IteratorResult<WatchEvent<Kinds[K]>>> {
    this.close()
    return { done: true, value: undefined }
  }

  wake(): void {
    if (this.#parked === undefined || this.#position === null) return
    const event = this.#take(this.#position)
    if (event !== undefined) this.#answer({ done: false, value: event })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#answer({ done: true, value: undefined })
    this.#hooks.onClosed(this)
  }

  #answer(result: IteratorResult<WatchEvent<Kinds[K]>>): void {
    this.#parked?.resolve(result)
    this.#parked = undefined
  }

  /** The next event that concerns this watch; undefined where there is none yet, or where it has been overtaken. */
  #take(from: number): WatchEvent<Kinds[K]> | undefined {
    for (let position = from; position < this.#log.visibleEnd; position++) {
      const change = this.#log.at(position)
      // Overtaken by the log: the stream ends, and the next watch is told EXPIRED.
      if (change === undefined) {
        this.close()
        return undefined
      }
      const type = this.#typeOf(change)
      this.#position = position + 1
      if (type !== null) return { type, object: typed(this.#kind, change.object) }
    }
    return undefined
  }

  /** For the watcher an object exists while it matches. */
  #typeOf({ type, object, previous }: Change): 'ADDED' | 'MODIFIED' | 'DELETED' | null {
    if (this.#namespace !== undefined && namespaceOf(object) !== this.#namespace) return null
    const matched = previous !== undefined && this.#matches(previous)
    const matches = type !== 'DELETED' && this.#matches(object)
    if (matches) return matched ? 'MODIFIED' : 'ADDED'
    return matched ? 'DELETED' : null
  }
}
