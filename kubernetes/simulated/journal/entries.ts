import type { Kind } from '../../objects.ts'
import type { AccountEntry, PeakEntry } from '../kubelet/account.ts'
import type { StoreChange } from '../store/objectStore.ts'
import { nameOf, namespaceOf, type StoredObject } from '../store/storedObject.ts'

type Applied = StoredObject | null
type Fields = Partial<Record<keyof StoredObject | string, unknown>>

/** One line of the cluster's history. A change names only the top fields that are new: versions share the rest. */
export type Entry =
  | ['created', Kind, StoredObject, Applied]
  | ['changed', Kind, namespace: string, name: string, Fields, Applied]
  | ['removed', Kind, namespace: string, name: string, version: number]
  | ['account', AccountEntry | PeakEntry]

export function entryOf({ kind, type, object, previous, version, applied }: StoreChange): Entry {
  if (type === 'DELETED') return ['removed', kind, namespaceOf(object), nameOf(object), version]
  if (previous === undefined) return ['created', kind, object, applied ?? null]
  return ['changed', kind, namespaceOf(object), nameOf(object), changedFields(previous, object), applied ?? null]
}

/** null stands for a field that is gone: no top field of an object is null. */
function changedFields(before: StoredObject, after: StoredObject): Fields {
  const fields: Fields = {}
  const [old, now] = [before, after] as unknown as [Fields, Fields]
  for (const key in now) if (now[key] !== old[key]) fields[key] = now[key]
  for (const key in old) if (!(key in now)) fields[key] = null
  return fields
}

export function withChangedFields(before: StoredObject, fields: Fields): StoredObject {
  const after: Fields = { ...before }
  for (const [key, value] of Object.entries(fields)) {
    if (value === null) delete after[key]
    else after[key] = value
  }
  return after as unknown as StoredObject
}
