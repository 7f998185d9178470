import type { Kind } from '../../objects.ts'
import { resources } from '../../objects.ts'
import { deleteObject } from '../api/deletion.ts'
import type { Machine } from '../api/machine.ts'
import type { Commits } from '../store/commits.ts'
import { asChanges, type StoreChange } from '../store/objectStore.ts'
import { nameOf, namespaceOf, refOf, type StoredObject } from '../store/storedObject.ts'

const NAMESPACED = (Object.keys(resources) as Kind[]).filter((kind) => resources[kind].namespaced)

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them. */
export class NamespaceController {
  readonly #machine: Machine
  readonly #commits: Commits
  readonly #terminating = new Set<string>()
  readonly #due = new Set<string>()

  constructor(machine: Machine, commits: Commits) {
    this.#machine = machine
    this.#commits = commits
    machine.store.onChange((change) => this.#note(change))
    commits.addController(() => this.#runOnce())
  }

  /** Takes up what a journal brought back. */
  resume(): void {
    for (const change of asChanges(this.#machine.store)) this.#note(change)
    this.#commits.request()
  }

  #note({ kind, type, object }: StoreChange): void {
    if (kind === 'Namespace') this.#noteNamespace(type, object)
    else if (type === 'DELETED' && this.#terminating.has(namespaceOf(object))) this.#due.add(namespaceOf(object))
  }

  #noteNamespace(type: StoreChange['type'], object: StoredObject): void {
    if (type === 'DELETED') this.#terminating.delete(nameOf(object))
    else if (object.metadata.deletionTimestamp !== undefined && !this.#terminating.has(nameOf(object))) {
      this.#terminating.add(nameOf(object))
      this.#due.add(nameOf(object))
    }
  }

  #runOnce(): boolean {
    if (this.#due.size === 0) return false
    const due = [...this.#due]
    this.#due.clear()
    for (const name of due) this.#empty(name)
    return true
  }

  #empty(name: string): void {
    const { store } = this.#machine
    for (const kind of NAMESPACED) {
      for (const object of [...store.all(kind, name)]) {
        // Deleting one object may take another along.
        const isThere = store.get(kind, refOf(object)) !== undefined
        if (!isThere || object.metadata.deletionTimestamp !== undefined) continue
        deleteObject(this.#machine, kind, refOf(object), { propagationPolicy: 'Background' })
      }
    }
    const isEmpty = NAMESPACED.every((kind) => store.all(kind, name)[Symbol.iterator]().next().done)
    const namespace = store.get('Namespace', { name })
    if (isEmpty && namespace !== undefined) store.remove('Namespace', namespace)
  }
}
