import type { JsonPatch } from '../../cluster.ts'
import { type Frozen, type FrozenMap, frozenCopy, isEqual, isMap } from '../store/immutable.ts'

/** A patch that cannot be applied to this document: a failed test, or a path that is not there. */
export class PatchError extends Error {}

/**
 * RFC 6902 on frozen documents: only what lies on the changed paths is copied.
 * @throws PatchError at the first operation that does not hold; the document is what it was
 */
export function jsonPatch<T extends object>(document: T, patch: JsonPatch): T {
  let result = document as unknown as Frozen
  for (const operation of patch) {
    const path = segmentsOf(operation.path)
    if (operation.op === 'test') {
      if (!isEqual(valueAt(result, path), operation.value)) throw new PatchError(`test of ${operation.path} failed`)
    } else {
      result = edited(result, path, operation)
    }
  }
  return result as unknown as T
}

type Edit = Exclude<JsonPatch[number], { op: 'test' }>

function segmentsOf(path: string): string[] {
  if (!path.startsWith('/')) throw new PatchError(`"${path}" is not the path of a field`)
  return path
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueAt(document: Frozen, path: string[]): Frozen {
  let value = document
  for (const segment of path) value = child(value, segment)
  return value
}

function child(parent: Frozen, segment: string): Frozen {
  if (Array.isArray(parent)) return (parent as readonly Frozen[])[indexIn(parent, segment, parent.length - 1)]
  return isMap(parent) && Object.hasOwn(parent, segment) ? parent[segment] : undefined
}

function edited(parent: Frozen, path: string[], edit: Edit): Frozen {
  const [segment = '', ...rest] = path
  if (Array.isArray(parent)) return editedList(parent as readonly Frozen[], segment, rest, edit)
  if (isMap(parent)) return editedMap(parent, segment, rest, edit)
  throw new PatchError(`${edit.op} of ${edit.path}: its parent is not there`)
}

function editedMap(parent: FrozenMap, segment: string, rest: string[], edit: Edit): Frozen {
  const copy: Record<string, Frozen> = { ...parent }
  const isThere = Object.hasOwn(parent, segment)
  if (!isThere && (rest.length > 0 || edit.op !== 'add')) throw new PatchError(`${edit.op} of ${edit.path}: not there`)
  if (rest.length > 0) copy[segment] = edited(parent[segment], rest, edit)
  else if (edit.op === 'remove') delete copy[segment]
  else copy[segment] = frozenCopy(edit.value) as Frozen
  return Object.freeze(copy)
}

function editedList(parent: readonly Frozen[], segment: string, rest: string[], edit: Edit): Frozen {
  const copy = [...parent]
  if (rest.length > 0) {
    const index = indexIn(parent, segment, parent.length - 1)
    copy[index] = edited(parent[index], rest, edit)
  } else if (edit.op === 'remove') copy.splice(indexIn(parent, segment, parent.length - 1), 1)
  else if (edit.op === 'replace') copy[indexIn(parent, segment, parent.length - 1)] = frozenCopy(edit.value) as Frozen
  else {
    const index = segment === '-' ? parent.length : indexIn(parent, segment, parent.length)
    copy.splice(index, 0, frozenCopy(edit.value) as Frozen)
  }
  return Object.freeze(copy)
}

function indexIn(list: readonly unknown[], segment: string, last: number): number {
  const index = /^(0|[1-9]\d*)$/.test(segment) ? Number(segment) : Number.NaN
  if (!(index <= last)) throw new PatchError(`a list of ${list.length} has no place "${segment}"`)
  return index
}
