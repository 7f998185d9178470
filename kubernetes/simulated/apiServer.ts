import type {
  Binding,
  Cluster,
  DeleteOptions,
  JsonPatch,
  ListOptions,
  Page,
  Ref,
  WatchEvent,
  WatchOptions,
} from '../cluster.ts'
import type { Kind, Kinds } from '../objects.ts'
import { deleteObject } from './api/deletion.ts'
import type { Machine } from './api/machine.ts'
import { bindPod, evictPod } from './api/podSubresources.ts'
import { applyObject, createObject, getObject, patchObject, patchStatus } from './api/writes.ts'
import type { Commits } from './store/commits.ts'
import { Pages } from './store/pages.ts'
import { badRequest } from './store/refusals.ts'
import { stored, typed } from './store/storedObject.ts'
import type { Watches } from './store/watches.ts'

/** Text of a pod's log; empty where it has written nothing. */
export type ReadLogs = (ref: Ref) => string

/**
 * The cluster port over the store. Each write is done at once and answered when it is committed; reads
 * answer with nothing that is not.
 */
export class ApiServer implements Cluster {
  readonly #machine: Machine
  readonly #commits: Commits
  readonly #watches: Watches
  readonly #pages: Pages
  readonly #readLogs: ReadLogs

  constructor(machine: Machine, commits: Commits, watches: Watches, readLogs: ReadLogs) {
    this.#machine = machine
    this.#commits = commits
    this.#watches = watches
    this.#pages = new Pages(machine.store)
    this.#readLogs = readLogs
  }

  async list<K extends Kind>(kind: K, options: ListOptions = {}): Promise<Page<Kinds[K]>> {
    await this.#commits.committed()
    return this.#pages.list(kind, options)
  }

  watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<Kinds[K]>> {
    return this.#watches.watch(kind, options)
  }

  async get<K extends Kind>(kind: K, ref: Ref): Promise<Kinds[K]> {
    await this.#commits.committed()
    return typed(kind, getObject(this.#machine, kind, ref))
  }

  async create<K extends Kind>(kind: K, object: Kinds[K], options: { dryRun?: boolean } = {}): Promise<Kinds[K]> {
    const created = createObject(this.#machine, kind, stored(object), options)
    await this.#commits.committed()
    return typed(kind, created)
  }

  async apply<K extends Kind>(kind: K, object: Kinds[K]): Promise<Kinds[K]> {
    const applied = applyObject(this.#machine, kind, stored(object))
    await this.#commits.committed()
    return typed(kind, applied)
  }

  async patch<K extends Kind>(
    kind: K,
    ref: Ref,
    patch: JsonPatch,
    options: { subresource?: 'status' } = {},
  ): Promise<Kinds[K]> {
    const write = options.subresource === 'status' ? patchStatus : patchObject
    const patched = write(this.#machine, kind, ref, patch)
    await this.#commits.committed()
    return typed(kind, patched)
  }

  async delete(kind: Kind, ref: Ref, options: DeleteOptions = {}): Promise<void> {
    deleteObject(this.#machine, kind, ref, options)
    await this.#commits.committed()
  }

  async bind(binding: Binding): Promise<void> {
    bindPod(this.#machine, binding)
    await this.#commits.committed()
  }

  async evict(ref: Ref): Promise<void> {
    evictPod(this.#machine, ref)
    await this.#commits.committed()
  }

  async logs(ref: Ref, { limitBytes }: { limitBytes?: number } = {}): Promise<string> {
    const pod = typed('Pod', getObject(this.#machine, 'Pod', ref))
    if (limitBytes !== undefined && limitBytes < 1) throw badRequest('limitBytes must be at least 1')
    if (!pod.spec?.nodeName) return ''
    const text = this.#readLogs(ref)
    return limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString()
  }
}
