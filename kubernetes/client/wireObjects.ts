import { type Kind, type Kinds, resources } from '../objects.ts'

/** A list as the API server sends it: its items bear neither kind nor apiVersion. */
export interface WireList<T> {
  metadata: { resourceVersion: string; continue?: string }
  items: T[] | null
}

/** Items of a list, told what they are, so that they look like those of get and watch. */
export function itemsOf<K extends Kind>(kind: K, list: WireList<Kinds[K]>): Kinds[K][] {
  const { apiVersion } = resources[kind]
  return (list.items ?? []).map((item) => withoutManagedFields({ ...item, apiVersion, kind }))
}

/** Field ownership is the larger half of many an object, and nothing here reads it. */
export function withoutManagedFields<T extends { metadata: object }>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as { managedFields?: unknown }
  return { ...object, metadata }
}
