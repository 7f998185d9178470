import type { Ref } from '../../cluster.ts'
import { type Kind, resources } from '../../objects.ts'
import { deleteObject, FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../api/deletion.ts'
import type { Machine } from '../api/machine.ts'
import { updateObject } from '../api/writes.ts'
import type { Commits } from '../store/commits.ts'
import { withFields } from '../store/immutable.ts'
import { asChanges, type StoreChange } from '../store/objectStore.ts'
import { refOf, type StoredObject, uidOf } from '../store/storedObject.ts'

interface Located {
  kind: Kind
  ref: Ref
}

/** Deletes what belongs to nobody any more, and carries out foreground and orphaning deletions. */
export class GarbageCollector {
  readonly #machine: Machine
  readonly #commits: Commits
  /** Owner uid → uid of each dependent → where it is. */
  readonly #dependents = new Map<string, Map<string, Located>>()
  /** Owners that wait to be rid of their dependents. */
  readonly #leaving = new Map<string, Located>()
  readonly #suspects = new Map<string, Located>()
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

  #note({ kind, type, object, previous }: StoreChange): void {
    const owners = object.metadata.ownerReferences
    if (type === 'DELETED' || owners !== previous?.metadata.ownerReferences) {
      for (const { uid } of previous?.metadata.ownerReferences ?? []) this.#forget(uid, object)
      if (type !== 'DELETED') for (const { uid } of owners ?? []) this.#learn(uid, { kind, ref: refOf(object) }, object)
    }
    if (type === 'ADDED' && owners !== undefined) this.#suspects.set(uidOf(object), { kind, ref: refOf(object) })
    if (type === 'DELETED') this.#noteGone(uidOf(object))
    else if (object.metadata.deletionTimestamp !== undefined && hasDeletionFinalizer(object)) {
      this.#leaving.set(uidOf(object), { kind, ref: refOf(object) })
      this.#due.add(uidOf(object))
    }
  }

  #noteGone(owner: string): void {
    this.#leaving.delete(owner)
    for (const [uid, dependent] of this.#dependents.get(owner) ?? []) this.#suspects.set(uid, dependent)
  }

  #learn(owner: string, dependent: Located, object: StoredObject): void {
    let dependents = this.#dependents.get(owner)
    if (dependents === undefined) {
      dependents = new Map()
      this.#dependents.set(owner, dependents)
    }
    dependents.set(uidOf(object), dependent)
  }

  #forget(owner: string, object: StoredObject): void {
    const dependents = this.#dependents.get(owner)
    dependents?.delete(uidOf(object))
    if (dependents?.size === 0) this.#dependents.delete(owner)
    if (this.#leaving.has(owner)) this.#due.add(owner)
  }

  #runOnce(): boolean {
    if (this.#suspects.size === 0 && this.#due.size === 0) return false
    const suspects = [...this.#suspects]
    const due = [...this.#due]
    this.#suspects.clear()
    this.#due.clear()
    for (const [uid, located] of suspects) this.#collect(uid, located)
    for (const uid of due) this.#takeLeave(uid)
    return true
  }

  /** Deletes an object whose owners are all gone. */
  #collect(uid: string, { kind, ref }: Located): void {
    const object = this.#live(uid, { kind, ref })
    const owners = object?.metadata.ownerReferences ?? []
    if (object === undefined || owners.length === 0 || owners.some((owner) => this.#mayExist(owner))) return
    if (object.metadata.deletionTimestamp === undefined) deleteObject(this.#machine, kind, ref, BACKGROUND)
  }

  /** Owners of kinds that are not kept here cannot be judged. */
  #mayExist({ apiVersion, kind, uid }: { apiVersion: string; kind: string; uid: string }): boolean {
    const isKept = Object.hasOwn(resources, kind) && resources[kind as Kind].apiVersion === apiVersion
    return !isKept || this.#machine.store.kindOfUid(uid) !== undefined
  }

  /** Disowns or deletes the dependents of an owner; when none is left the owner may go. */
  #takeLeave(uid: string): void {
    const located = this.#leaving.get(uid)
    const owner = located && this.#live(uid, located)
    if (located === undefined || owner === undefined) return
    const isOrphaning = owner.metadata.finalizers?.includes(ORPHAN_FINALIZER) ?? false
    for (const [dependentUid, place] of [...(this.#dependents.get(uid) ?? [])]) {
      const dependent = this.#live(dependentUid, place)
      if (dependent === undefined) continue
      if (isOrphaning) this.#disown(place.kind, dependent, uid)
      else if (dependent.metadata.deletionTimestamp === undefined)
        deleteObject(this.#machine, place.kind, place.ref, BACKGROUND)
    }
    if (this.#dependents.has(uid)) return
    const finalizers = owner.metadata.finalizers?.filter((name) => !DELETION_FINALIZERS.includes(name))
    this.#update(located.kind, owner, { finalizers: nonEmpty(finalizers) })
  }

  #disown(kind: Kind, dependent: StoredObject, owner: string): void {
    const ownerReferences = dependent.metadata.ownerReferences?.filter(({ uid }) => uid !== owner)
    this.#update(kind, dependent, { ownerReferences: nonEmpty(ownerReferences) })
  }

  #update(kind: Kind, object: StoredObject, metadata: Partial<Record<keyof StoredObject['metadata'], unknown>>): void {
    updateObject(this.#machine, kind, object, withFields(object, { metadata: withFields(object.metadata, metadata) }))
  }

  #live(uid: string, { kind, ref }: Located): StoredObject | undefined {
    const object = this.#machine.store.get(kind, ref)
    return object !== undefined && uidOf(object) === uid ? object : undefined
  }
}

const BACKGROUND = { propagationPolicy: 'Background' } as const
const DELETION_FINALIZERS = [FOREGROUND_FINALIZER, ORPHAN_FINALIZER]

function hasDeletionFinalizer({ metadata }: StoredObject): boolean {
  return metadata.finalizers?.some((name) => DELETION_FINALIZERS.includes(name)) ?? false
}

function nonEmpty<T>(list: T[] | undefined): T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : (Object.freeze(list) as T[])
}
