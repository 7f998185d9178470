import type { Ref } from '../../cluster.ts'
import type { Kind, Kinds, ObjectMeta } from '../../objects.ts'

/** Any object as the store holds it: frozen, complete metadata. Typed views are taken by `as Kinds[K]`. */
export interface StoredObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: Readonly<ObjectMeta>
  readonly spec?: object
  readonly status?: object
}

export function stored<K extends Kind>(object: Kinds[K]): StoredObject {
  return object as StoredObject
}

export function typed<K extends Kind>(_kind: K, object: StoredObject): Kinds[K] {
  return object as unknown as Kinds[K]
}

export function nameOf(object: StoredObject): string {
  return object.metadata.name as string
}

export function uidOf(object: StoredObject): string {
  return object.metadata.uid as string
}

/** The namespace a kind's objects are filed under; '' where the kind has none. */
export function namespaceOf(object: StoredObject): string {
  return object.metadata.namespace ?? ''
}

export function refOf(object: StoredObject): Ref {
  const { name, namespace } = object.metadata
  return namespace === undefined ? { name: name as string } : { name: name as string, namespace }
}
