import { closeSync, ftruncateSync, openSync, readdirSync, writeSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { setImmediate as immediate } from 'node:timers/promises'
import type { Log } from '../../../platform/log.ts'
import { ClusterError } from '../../cluster.ts'
import type { AccountEntry, AccountState, PeakEntry } from '../kubelet/account.ts'
import type { CommitSink } from '../store/commits.ts'
import { asChanges, type ObjectStore, type StoreChange } from '../store/objectStore.ts'
import { uidOf } from '../store/storedObject.ts'
import { type Entry, entryOf } from './entries.ts'
import { journalPath, type OpenedFiles, openFiles, removeOthers, snapshotPath } from './files.ts'
import { frame } from './frames.ts'
import type { Restored, SnapshotHead } from './restored.ts'

/** A journal shorter than this is read in a blink, and need not be replaced. */
const DEFAULT_COMPACT_BYTES = 64 * 1024 ** 2
/** Objects of a snapshot between two turns of the event loop. */
const SNAPSHOT_BATCH = 200

export interface JournalOptions {
  /** A journal longer than this, and than twice the snapshot before it, is replaced by a snapshot. */
  compactBytes?: number
  log?: Log
  /** Writes what it can of the bytes from `offset` on, and says how much. */
  write?: (file: number, bytes: Buffer, offset: number) => number
}

/**
 * The cluster's history in a folder. Each commit is one frame, handed to the operating system before
 * anybody hears of it: so it outlives the process, at whatever moment that is killed. Power failures are
 * not provided for; a simulated cluster has nothing to lose by them.
 */
export class Journal implements CommitSink {
  readonly #dir: string
  readonly #compactBytes: number
  readonly #log: Log | undefined
  readonly #write: (file: number, bytes: Buffer, offset: number) => number
  readonly #entries: Entry[] = []
  #number: number
  #file: number
  #bytes: number
  #snapshotBytes: number
  #source: { store: ObjectStore; account: () => AccountState } | undefined
  #compacting: Promise<void> | undefined

  /** @throws Error where the folder cannot be used or its files are damaged */
  static open(dir: string, options: JournalOptions = {}): { journal: Journal; restored: Restored } {
    const files = openFiles(dir)
    return { journal: new Journal(dir, options, files), restored: files.restored }
  }

  private constructor(dir: string, options: JournalOptions, { number, journalBytes, snapshotBytes }: OpenedFiles) {
    this.#dir = dir
    this.#compactBytes = options.compactBytes ?? DEFAULT_COMPACT_BYTES
    this.#log = options.log
    this.#write = options.write ?? writeSync
    this.#number = number
    this.#file = openSync(journalPath(dir, number), 'a')
    this.#bytes = journalBytes
    this.#snapshotBytes = snapshotBytes
  }

  /** From now on, what changes in the store is kept. */
  follow(store: ObjectStore, account: () => AccountState): void {
    this.#source = { store, account }
    store.onChange((change) => this.#entries.push(entryOf(change)))
  }

  /** Is kept with the next commit, which the caller asks for. */
  keep(entry: AccountEntry | PeakEntry): void {
    this.#entries.push(['account', entry])
  }

  /**
   * @throws ClusterError UNAVAILABLE where the disk refuses. What was to be written stays and is tried with
   * the next commit: after such an error a write may or may not have happened, as ever.
   */
  flush(): void {
    if (this.#entries.length === 0) return
    const bytes = frame(this.#entries)
    try {
      for (let written = 0; written < bytes.length; ) written += this.#write(this.#file, bytes, written)
    } catch (cause) {
      // Half a frame in the middle of the file would be damage.
      ftruncateSync(this.#file, this.#bytes)
      throw new ClusterError('UNAVAILABLE', `the simulated cluster cannot write its journal in ${this.#dir}`, { cause })
    }
    this.#entries.length = 0
    this.#bytes += bytes.length
    if (this.#bytes > Math.max(this.#compactBytes, 2 * this.#snapshotBytes)) this.#compacting ??= this.#compact()
  }

  async close(): Promise<void> {
    await this.#compacting
    closeSync(this.#file)
  }

  /** Begins a new journal at once, and writes what came before it as a snapshot while the cluster goes on. */
  async #compact(): Promise<void> {
    if (this.#source === undefined) return
    const { store, account } = this.#source
    const head: SnapshotHead = { version: store.version, account: account() }
    const objects = [...asChanges(store)].map((change) => ({
      ...change,
      applied: store.appliedTo(uidOf(change.object)),
    }))
    const next = this.#number + 1
    const file = openSync(journalPath(this.#dir, next), 'a')
    closeSync(this.#file)
    this.#file = file
    this.#number = next
    this.#bytes = 0
    try {
      this.#snapshotBytes = await this.#writeSnapshot(next, head, objects)
      removeOthers(this.#dir, readdirSync(this.#dir), next)
    } catch (error) {
      // Nothing is lost: the older files tell the same, and the next journal that grows tries again.
      this.#log?.warn({ err: error }, 'simulated cluster: no snapshot could be written')
    } finally {
      this.#compacting = undefined
    }
  }

  async #writeSnapshot(number: number, head: SnapshotHead, objects: StoreChange[]): Promise<number> {
    const path = snapshotPath(this.#dir, number)
    const file = await open(`${path}.partial`, 'w')
    let bytes = 0
    const write = async (content: unknown) => {
      const part = frame(content)
      await file.writeFile(part)
      bytes += part.length
    }
    await write(head)
    for (let from = 0; from < objects.length; from += SNAPSHOT_BATCH) {
      await write(objects.slice(from, from + SNAPSHOT_BATCH).map(entryOf))
      await immediate()
    }
    await file.close()
    await rename(`${path}.partial`, path)
    return bytes
  }
}
