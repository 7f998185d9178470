import type { DomainClock } from '../../../platform/clock.ts'
import { deleteObject } from '../api/deletion.ts'
import type { Machine } from '../api/machine.ts'
import type { Commits } from '../store/commits.ts'
import { asChanges, type StoreChange } from '../store/objectStore.ts'
import { refOf, type StoredObject, uidOf } from '../store/storedObject.ts'

/** What kube-apiserver's --event-ttl is unless told. */
const KEPT_MS = 3_600_000

/** Events are kept for an hour, as by a real API server: they would be most of what the cluster holds. */
export class EventCollector {
  readonly #machine: Machine
  readonly #clock: DomainClock
  readonly #commits: Commits
  /** By uid, the oldest first. */
  readonly #events = new Map<string, StoredObject>()
  #cancel: (() => void) | undefined

  constructor(machine: Machine, clock: DomainClock, commits: Commits) {
    this.#machine = machine
    this.#clock = clock
    this.#commits = commits
    machine.store.onChange((change) => this.#note(change))
  }

  /** Takes up what a journal brought back. */
  resume(): void {
    for (const change of asChanges(this.#machine.store)) this.#note(change)
  }

  stop(): void {
    this.#cancel?.()
  }

  #note({ kind, type, object }: StoreChange): void {
    if (kind !== 'Event') return
    if (type === 'DELETED') this.#events.delete(uidOf(object))
    else if (!this.#events.has(uidOf(object))) this.#events.set(uidOf(object), object)
    this.#cancel ??= this.#collectLater()
  }

  /** Lazily: in discrete time nothing waits for it. */
  #collectLater(): (() => void) | undefined {
    const [oldest] = this.#events.values()
    if (!oldest) return undefined
    return this.#clock.schedule(endOf(oldest), () => this.#collect(), { lazy: true })
  }

  #collect(): void {
    for (const event of [...this.#events.values()]) {
      if (endOf(event) > this.#clock.nowMs()) break
      deleteObject(this.#machine, 'Event', refOf(event))
    }
    this.#commits.request()
    this.#cancel = this.#collectLater()
  }
}

function endOf({ metadata }: StoredObject): number {
  return Date.parse(metadata.creationTimestamp ?? '') + KEPT_MS
}
