import { strict as assert } from 'node:assert'
import type { Ref } from '../../cluster.ts'
import { type Kind, resources } from '../../objects.ts'
import { type Change, ChangeLog } from './changeLog.ts'
import { withFields } from './immutable.ts'
import { nameOf, namespaceOf, type StoredObject, uidOf } from './storedObject.ts'

/** A change of one object as all who keep something beside the store hear of it, at once and in order. */
export interface StoreChange extends Change {
  kind: Kind
  /** What the field manager applied last, where an apply made this change. */
  applied: StoredObject | undefined
}

/** All objects as if they had just been added: how controllers take up what a journal brought back. */
export function* asChanges(store: ObjectStore): Iterable<StoreChange> {
  for (const kind of Object.keys(resources) as Kind[]) {
    for (const object of store.all(kind)) {
      yield { kind, type: 'ADDED', object, previous: undefined, version: store.version, applied: undefined }
    }
  }
}

/** No server begins at 1: versions below the first are too old for every watch. */
export const FIRST_VERSION = 1_000

/**
 * All objects of the cluster in memory, one resourceVersion counter, and the changes of late.
 * Objects are frozen; each write makes a new version that shares what it left alone.
 */
export class ObjectStore {
  readonly #objects = new Map<Kind, Map<string, Map<string, StoredObject>>>()
  readonly #kindOfUid = new Map<string, Kind>()
  readonly #applied = new Map<string, StoredObject>()
  readonly #logs = new Map<Kind, ChangeLog>()
  readonly #listeners: ((change: StoreChange) => void)[] = []
  #version: number

  constructor(options: { version: number; historyLimit: number }) {
    this.#version = options.version
    for (const kind of Object.keys(resources) as Kind[]) {
      this.#objects.set(kind, new Map())
      this.#logs.set(kind, new ChangeLog(options.historyLimit, options.version))
    }
  }

  get version(): number {
    return this.#version
  }

  log(kind: Kind): ChangeLog {
    return this.#logs.get(kind) as ChangeLog
  }

  logs(): Iterable<ChangeLog> {
    return this.#logs.values()
  }

  get(kind: Kind, ref: Ref): StoredObject | undefined {
    return this.#objects
      .get(kind)
      ?.get(ref.namespace ?? '')
      ?.get(ref.name)
  }

  kindOfUid(uid: string): Kind | undefined {
    return this.#kindOfUid.get(uid)
  }

  /** What the field manager applied last. */
  appliedTo(uid: string): StoredObject | undefined {
    return this.#applied.get(uid)
  }

  *all(kind: Kind, namespace?: string): Iterable<StoredObject> {
    const namespaces = this.#objects.get(kind)
    if (namespace !== undefined) yield* namespaces?.get(namespace)?.values() ?? []
    else for (const objects of namespaces?.values() ?? []) yield* objects.values()
  }

  /** Listeners run inside the write; they must not write themselves, but make a note and do it later. */
  onChange(listener: (change: StoreChange) => void): void {
    this.#listeners.push(listener)
  }

  /** @returns the object with its new resourceVersion */
  put(kind: Kind, object: StoredObject, applied?: StoredObject): StoredObject {
    const version = ++this.#version
    const next = withFields(object, { metadata: withFields(object.metadata, { resourceVersion: String(version) }) })
    const previous = this.get(kind, { namespace: namespaceOf(object), name: nameOf(object) })
    assert(previous === undefined || uidOf(previous) === uidOf(next), 'one name, one object')
    this.restore(kind, next, applied)
    this.#tell({ kind, type: previous ? 'MODIFIED' : 'ADDED', object: next, previous, version, applied })
    return next
  }

  /** A deletion is a version of its own. */
  remove(kind: Kind, object: StoredObject): StoredObject {
    const version = ++this.#version
    const gone = withFields(object, { metadata: withFields(object.metadata, { resourceVersion: String(version) }) })
    this.forget(kind, object)
    this.#tell({ kind, type: 'DELETED', object: gone, previous: object, version, applied: undefined })
    return gone
  }

  /** Puts an object in place as it is, unheard: to be used by a write, or when a journal is read. */
  restore(kind: Kind, object: StoredObject, applied?: StoredObject): void {
    const namespaces = this.#objects.get(kind) as Map<string, Map<string, StoredObject>>
    const namespace = namespaceOf(object)
    let objects = namespaces.get(namespace)
    if (objects === undefined) {
      objects = new Map()
      namespaces.set(namespace, objects)
    }
    objects.set(nameOf(object), object)
    this.#kindOfUid.set(uidOf(object), kind)
    if (applied !== undefined) this.#applied.set(uidOf(object), applied)
  }

  forget(kind: Kind, object: StoredObject): void {
    const namespaces = this.#objects.get(kind) as Map<string, Map<string, StoredObject>>
    const objects = namespaces.get(namespaceOf(object))
    const wasThere = objects?.delete(nameOf(object)) ?? false
    assert(wasThere, 'only what is there can be removed')
    if (objects?.size === 0) namespaces.delete(namespaceOf(object))
    this.#kindOfUid.delete(uidOf(object))
    this.#applied.delete(uidOf(object))
  }

  #tell(change: StoreChange): void {
    this.log(change.kind).append(change)
    for (const listener of this.#listeners) listener(change)
  }
}
