import type { Log } from '../platform/log.ts'
import { backoffMs, pause, systemTimers, type Timers } from '../platform/timers.ts'
import { type Cluster, ClusterError, type Ref } from './cluster.ts'
import type { Kind, Kinds } from './objects.ts'

/**
 * A live copy of all objects of one kind: list, then watch, and list again where the watch cannot go
 * on. It holds exactly the objects that exist, the newest version of each, and nothing else.
 */
export interface Informer<K extends Kind> {
  readonly kind: K
  /** Resolves when the first complete list has been delivered; stays pending where stop() came first. */
  readonly synced: Promise<void>
  /** Up to where the copy is complete; empty before the first list. */
  readonly lastResourceVersion: string
  /** Whether it follows the cluster: not before the first list, and not from a failure until something comes again. */
  readonly isCurrent: boolean
  readonly size: number
  get(ref: Ref): Kinds[K] | undefined
  items(): IterableIterator<Kinds[K]>
  /**
   * Called for each change, in the order of the cluster and after the copy has it; at once with ADDED
   * for all that is known already. Handlers are synchronous and must not throw.
   * @returns unsubscribes
   */
  onChange(handler: (change: Change<Kinds[K]>) => void): () => void
  /**
   * Lists all objects anew, as they are by now. Resolves when the copy has them; a watch alone may lag behind.
   * Stays pending where stop() came first.
   */
  relist(): Promise<void>
  stop(): Promise<void>
}

/** `before`: the version that the copy had. A DELETED that only a new list revealed carries the last version known. */
export type Change<T> =
  | { type: 'ADDED'; object: T }
  | { type: 'MODIFIED'; object: T; before: T }
  | { type: 'DELETED'; object: T }

export interface InformerOptions {
  namespace?: string
  labelSelector?: string
  /** Objects a page. */
  pageSize?: number
  log: Log
  timers?: Timers
  random?: () => number
}

const DEFAULT_PAGE_SIZE = 500
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 30_000

export function startInformer<K extends Kind>(cluster: Cluster, kind: K, options: InformerOptions): Informer<K> {
  const { log, timers = systemTimers, random = Math.random } = options
  const scope = {
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
  }
  const objects = new Map<string, Kinds[K]>()
  const handlers = new Set<(change: Change<Kinds[K]>) => void>()
  const stopping = new AbortController()
  const synced = Promise.withResolvers<void>()
  let resourceVersion = ''
  let isCurrent = false
  let listNeeded = true
  /** Of those who want a list that begins after they asked. */
  let awaitingList: (() => void)[] = []
  /** Ends the watch where a new list is wanted. */
  let watching = new AbortController()

  const emit = (change: Change<Kinds[K]>) => {
    for (const handler of handlers) handler(change)
  }
  const upsert = (object: Kinds[K]) => {
    const key = keyOf(object.metadata)
    const before = objects.get(key)
    objects.set(key, object)
    if (before === undefined) return emit({ type: 'ADDED', object })
    // A name taken again by another object: whoever counts by uid must see the first one go.
    if (before.metadata.uid !== object.metadata.uid) {
      emit({ type: 'DELETED', object: before })
      return emit({ type: 'ADDED', object })
    }
    if (before.metadata.resourceVersion !== object.metadata.resourceVersion) emit({ type: 'MODIFIED', object, before })
  }
  const remove = (object: Kinds[K]) => {
    if (objects.delete(keyOf(object.metadata))) emit({ type: 'DELETED', object })
  }

  const list = async () => {
    const awaiting = awaitingList
    awaitingList = []
    try {
      await listPages()
    } catch (error) {
      awaitingList = [...awaiting, ...awaitingList]
      throw error
    }
    if (stopping.signal.aborted) return
    listNeeded = awaitingList.length > 0
    synced.resolve()
    for (const resolve of awaiting) resolve()
  }

  /** Pages are one snapshot of the cluster, so what they leave out is gone. */
  const listPages = async () => {
    const seen = new Set<string>()
    const limit = options.pageSize ?? DEFAULT_PAGE_SIZE
    let page = await cluster.list(kind, { ...scope, limit })
    for (;;) {
      if (stopping.signal.aborted) return
      for (const object of page.items) {
        seen.add(keyOf(object.metadata))
        upsert(object)
      }
      if (page.continue === undefined || page.continue === '') break
      page = await cluster.list(kind, { ...scope, limit, continue: page.continue })
    }
    for (const [key, object] of objects) if (!seen.has(key)) remove(object)
    resourceVersion = page.resourceVersion
    isCurrent = true
  }

  const watch = async () => {
    for await (const event of cluster.watch(kind, { ...scope, resourceVersion, signal: abortOfWatch() })) {
      isCurrent = true
      if (event.type === 'BOOKMARK') {
        resourceVersion = event.resourceVersion
        continue
      }
      if (event.type === 'DELETED') remove(event.object)
      else upsert(event.object)
      resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion
    }
  }

  const abortOfWatch = () => AbortSignal.any([stopping.signal, watching.signal])

  const run = async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      const before = resourceVersion
      try {
        if (listNeeded) await list()
        if (!listNeeded) await watch()
      } catch (error) {
        if (stopping.signal.aborted) return
        if (!(error instanceof ClusterError)) throw error
        isCurrent = false
        if (error.code === 'EXPIRED') listNeeded = true
        else log.warn({ kind, code: error.code, err: error }, 'informer: request failed, will retry')
      }
      // A stream that ended after it had brought something is the server's way of saying "again, please".
      failures = resourceVersion === before ? failures + 1 : 0
      if (failures > 0)
        await pause(timers, backoffMs(failures - 1, FIRST_RETRY_MS, LAST_RETRY_MS, random), abortOfWatch())
    }
  }
  const running = run()

  return {
    kind,
    synced: synced.promise,
    get lastResourceVersion() {
      return resourceVersion
    },
    get isCurrent() {
      return isCurrent
    },
    get size() {
      return objects.size
    },
    get: (ref) => objects.get(keyOf(ref)),
    items: () => objects.values(),
    onChange(handler) {
      for (const object of objects.values()) handler({ type: 'ADDED', object })
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    relist() {
      listNeeded = true
      watching.abort()
      watching = new AbortController()
      return new Promise((resolve) => awaitingList.push(resolve))
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function keyOf(ref: { namespace?: string; name?: string }): string {
  return ref.namespace === undefined ? (ref.name ?? '') : `${ref.namespace}/${ref.name}`
}
