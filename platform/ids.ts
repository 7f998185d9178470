import { typeid } from 'typeid-js'

/** The kinds of id; each is the prefix of a TypeID, so an id says what it names. */
export type IdPrefix =
  | 'tenant'
  | 'project'
  | 'cluster'
  | 'jointoken'
  | 'pool'
  | 'gpu'
  | 'queue'
  | 'policy'
  | 'job'
  | 'pod'
  | 'export'
  | 'interval'
  | 'audit'

export interface Ids {
  /** A new id such as `job_01h455vb4pex5vsknk084sn02q`; ids of one kind sort by the time they were made. */
  next(prefix: IdPrefix): string
}

export function createIds(): Ids {
  return { next: (prefix) => typeid(prefix).toString() }
}

const TYPE_ID = /^([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** @returns the kind an id says it is of, or null where it is no id at all */
export function prefixOf(id: string): string | null {
  return TYPE_ID.exec(id)?.[1] ?? null
}

const BASE_32 = '0123456789abcdefghjkmnpqrstvwxyz'

/** @returns when an id was made, by the wall clock in milliseconds; null where it is no id at all */
export function madeAtMs(id: string): number | null {
  if (prefixOf(id) === null) return null
  // The first 48 of a UUIDv7's bits, which are the first ten characters of the 26 after the prefix.
  return [...id.slice(-26, -16)].reduce((ms, character) => ms * 32 + BASE_32.indexOf(character), 0)
}
