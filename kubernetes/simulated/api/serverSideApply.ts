import { type Frozen, type FrozenMap, isEqual, isMap } from '../store/immutable.ts'
import type { StoredObject } from '../store/storedObject.ts'

/**
 * Server-side apply with force, for one field manager: maps merge field by field, a list is one value,
 * and what the manager applied before and leaves out now goes. What others own stays.
 * Kubernetes merges some lists by key; whoever applies here owns the whole of each list it names.
 * @returns `live` itself where nothing changes
 */
export function serverSideApply(
  live: StoredObject,
  applied: StoredObject,
  before: StoredObject | undefined,
): StoredObject {
  const kept = before === undefined ? live : without(asMap(live), asMap(before), asMap(applied))
  return merged(kept as unknown as FrozenMap, asMap(applied)) as unknown as StoredObject
}

function merged(live: FrozenMap, applied: FrozenMap): FrozenMap {
  let copy: Record<string, Frozen> | undefined
  for (const key in applied) {
    const ours = applied[key]
    const theirs = live[key]
    const value = isMap(ours) && isMap(theirs) ? merged(theirs, ours) : isEqual(ours, theirs) ? theirs : ours
    if (value === theirs && Object.hasOwn(live, key)) continue
    copy ??= { ...live }
    copy[key] = value
  }
  return copy === undefined ? live : Object.freeze(copy)
}

/** `live` without the fields that are in `before` but not in `applied` any more. */
function without(live: FrozenMap, before: FrozenMap, applied: FrozenMap): FrozenMap {
  let copy: Record<string, Frozen> | undefined
  for (const key in before) {
    if (!Object.hasOwn(live, key)) continue
    const stillApplied = Object.hasOwn(applied, key)
    const [ours, theirs, now] = [before[key], live[key], applied[key]]
    if (isMap(ours) && isMap(theirs) && (!stillApplied || isMap(now))) {
      const rest = without(theirs, ours, isMap(now) ? now : {})
      if (rest === theirs) continue
      copy ??= { ...live }
      if (!stillApplied && Object.keys(rest).length === 0) delete copy[key]
      else copy[key] = rest
    } else if (!stillApplied) {
      copy ??= { ...live }
      delete copy[key]
    }
  }
  return copy === undefined ? live : Object.freeze(copy)
}

function asMap(object: StoredObject): FrozenMap {
  return object as unknown as FrozenMap
}
