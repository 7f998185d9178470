/** JSON as objects hold it: frozen all the way down, shared between versions wherever it did not change. */
export type Frozen = string | number | boolean | null | undefined | readonly Frozen[] | FrozenMap
export interface FrozenMap {
  readonly [key: string]: Frozen
}

/** A frozen copy of a caller's value, without the fields that are undefined, as JSON would carry it. */
export function frozenCopy<T>(value: T): T {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const key in value) {
    if (value[key] !== undefined) copy[key] = frozenCopy(value[key])
  }
  return Object.freeze(copy) as T
}

/** The same map with some fields changed; undefined removes a field. Values must be frozen already. */
export function withFields<T extends object>(map: T, changes: Partial<Record<keyof T, unknown>>): T {
  const copy: Record<string, unknown> = {}
  // Built field by field, because objects from which fields are deleted are slow ever after.
  for (const key in map) {
    if (!(key in changes)) copy[key] = map[key]
    else if (changes[key] !== undefined) copy[key] = changes[key]
  }
  for (const key in changes) if (changes[key] !== undefined && !(key in map)) copy[key] = changes[key]
  return Object.freeze(copy) as T
}

/** Deep equality of JSON; quick where versions share their parts. An undefined field counts as absent. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]))
    )
  }
  return hasAll(a as FrozenMap, b as FrozenMap) && hasAll(b as FrozenMap, a as FrozenMap)
}

function hasAll(a: FrozenMap, b: FrozenMap): boolean {
  for (const key in a) if (!isEqual(a[key], b[key])) return false
  return true
}

export function isMap(value: unknown): value is FrozenMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
