import type { ListOptions, Page } from '../../cluster.ts'
import type { Kind, Kinds } from '../../objects.ts'
import { labelSelector } from './labelSelector.ts'
import type { ObjectStore } from './objectStore.ts'
import { badRequest, expired } from './refusals.ts'
import { nameOf, namespaceOf, type StoredObject, typed } from './storedObject.ts'

/** Lists that are half read, at most; older ones expire. */
const MAX_OPEN_LISTS = 64

interface OpenList {
  items: StoredObject[]
  version: string
}

/** Lists in pages: a list that goes over several is one snapshot, held until it is read or too many others are. */
export class Pages {
  readonly #store: ObjectStore
  readonly #open = new Map<string, OpenList>()
  #lists = 0

  constructor(store: ObjectStore) {
    this.#store = store
  }

  list<K extends Kind>(kind: K, options: ListOptions): Page<Kinds[K]> {
    const [list, from, id] =
      options.continue === undefined ? this.#begin(kind, options) : this.#resume(options.continue)
    const to = options.limit === undefined || options.limit <= 0 ? list.items.length : from + options.limit
    const page = {
      items: list.items.slice(from, to).map((object) => typed(kind, object)),
      resourceVersion: list.version,
    }
    if (to >= list.items.length) {
      this.#open.delete(id)
      return page
    }
    this.#hold(id, list)
    return { ...page, continue: `${id}.${to}` }
  }

  #begin(kind: Kind, options: ListOptions): [OpenList, from: number, id: string] {
    const matches = labelSelector(options.labelSelector)
    const items: StoredObject[] = []
    for (const object of this.#store.all(kind, options.namespace)) if (matches(object)) items.push(object)
    items.sort(byKey)
    const version = String(this.#store.version)
    // With the version in it, a token from before a restart cannot mean another list.
    return [{ items, version }, 0, `${version}-${++this.#lists}`]
  }

  #resume(token: string): [OpenList, from: number, id: string] {
    const [, id = '', from] = /^(\d+-\d+)\.(\d+)$/.exec(token) ?? []
    if (from === undefined) throw badRequest('continue key is not valid')
    const list = this.#open.get(id)
    if (list === undefined) throw expired('the provided continue parameter is too old')
    return [list, Number(from), id]
  }

  #hold(id: string, list: OpenList): void {
    this.#open.delete(id)
    this.#open.set(id, list)
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN_LISTS) break
      this.#open.delete(oldest)
    }
  }
}

function byKey(a: StoredObject, b: StoredObject): number {
  return compare(namespaceOf(a), namespaceOf(b)) || compare(nameOf(a), nameOf(b))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
