import type { DomainClock } from '../../../platform/clock.ts'
import type { Machine } from '../api/machine.ts'
import { updateStatus } from '../api/writes.ts'
import type { Commits } from '../store/commits.ts'
import { withFields } from '../store/immutable.ts'
import { asChanges, type StoreChange } from '../store/objectStore.ts'
import { refOf, type StoredObject, typed, uidOf } from '../store/storedObject.ts'

/** How often Kubernetes' pod garbage collector looks. */
const COLLECTED_AFTER_MS = 20_000

/**
 * A pod that is deleted before any kubelet had it has nobody to end it. Where finalizers hold it, this
 * marks it as failed after a while, or a Job that replaces only failed pods would wait for ever.
 */
export class PodCollector {
  readonly #machine: Machine
  readonly #clock: DomainClock
  readonly #commits: Commits
  /** Cancels, by pod uid. */
  readonly #timers = new Map<string, () => void>()

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
    for (const cancel of this.#timers.values()) cancel()
  }

  #note({ kind, type, object }: StoreChange): void {
    if (kind !== 'Pod') return
    const uid = uidOf(object)
    const isWaiting = type !== 'DELETED' && isNobodys(object)
    if (isWaiting && !this.#timers.has(uid)) this.#timers.set(uid, this.#collectLater(object))
    if (!isWaiting && this.#timers.has(uid)) {
      this.#timers.get(uid)?.()
      this.#timers.delete(uid)
    }
  }

  #collectLater(pod: StoredObject): () => void {
    return this.#clock.schedule(this.#clock.nowMs() + COLLECTED_AFTER_MS, () => {
      const live = this.#machine.store.get('Pod', refOf(pod))
      if (live === undefined || uidOf(live) !== uidOf(pod) || !isNobodys(live)) return
      updateStatus(this.#machine, 'Pod', live, withFields(live.status ?? {}, { phase: 'Failed' } as object))
      this.#commits.request()
    })
  }
}

function isNobodys(object: StoredObject): boolean {
  const { spec, status, metadata } = typed('Pod', object)
  return metadata.deletionTimestamp !== undefined && !spec?.nodeName && status?.phase === 'Pending'
}
