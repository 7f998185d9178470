import { typeid } from 'typeid-js'

/** The kinds of id; each is the prefix of a TypeID, so an id says what it names. */
export type IdPrefix =
  | 'tenant'
  | 'project'
  | 'cluster'
  | 'pool'
  | 'gpu'
  | 'queue'
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
