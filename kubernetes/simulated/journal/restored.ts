import type { Kind } from '../../objects.ts'
import { Account, type AccountState, EMPTY_ACCOUNT } from '../kubelet/account.ts'
import { frozenCopy } from '../store/immutable.ts'
import { FIRST_VERSION } from '../store/objectStore.ts'
import { nameOf, namespaceOf, type StoredObject } from '../store/storedObject.ts'
import { type Entry, withChangedFields } from './entries.ts'

export interface RestoredObject {
  kind: Kind
  object: StoredObject
  applied: StoredObject | undefined
}

/** What a snapshot begins with. Its objects follow as `created` entries. */
export interface SnapshotHead {
  version: number
  account: AccountState
}

/** The cluster as its files tell it, put together entry by entry. */
export class Restored {
  readonly #objects = new Map<string, RestoredObject>()
  #account = new Account()
  #version = FIRST_VERSION

  get version(): number {
    return this.#version
  }

  get accountState(): AccountState {
    return this.#account.state()
  }

  /** Frozen, as the store wants them. */
  *objects(): Iterable<RestoredObject> {
    for (const { kind, object, applied } of this.#objects.values()) {
      yield { kind, object: frozenCopy(object), applied: frozenCopy(applied) }
    }
  }

  begin({ version, account }: SnapshotHead): void {
    this.#version = version
    this.#account = new Account({ ...EMPTY_ACCOUNT, ...account })
  }

  replay(entry: Entry): void {
    switch (entry[0]) {
      case 'created':
        this.#put(entry[1], entry[2], entry[3] ?? undefined)
        return
      case 'changed': {
        const [, kind, namespace, name, fields, applied] = entry
        const before = this.#objects.get(keyOf(kind, namespace, name))
        if (before === undefined)
          throw new Error(`the journal changes ${kind} ${namespace}/${name}, which it never made`)
        this.#put(kind, withChangedFields(before.object, fields), applied ?? before.applied)
        return
      }
      case 'removed': {
        const [, kind, namespace, name, version] = entry
        this.#objects.delete(keyOf(kind, namespace, name))
        this.#version = version
        return
      }
      case 'account':
        this.#account.restore(entry[1])
    }
  }

  #put(kind: Kind, object: StoredObject, applied: StoredObject | undefined): void {
    this.#objects.set(keyOf(kind, namespaceOf(object), nameOf(object)), { kind, object, applied })
    this.#version = Math.max(this.#version, Number(object.metadata.resourceVersion))
  }
}

function keyOf(kind: Kind, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`
}
