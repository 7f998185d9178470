import DataLoader from 'dataloader'
import type { DomainClock } from '../clock.ts'
import type { Actor, Database, Reader, Tx } from '../database/database.ts'
import { actorOf } from '../identity/authorize.ts'
import type { Identity } from '../identity/identity.ts'
import type { Ids } from '../ids.ts'
import type { Log } from '../log.ts'

/** What every resolver is given; each subgraph adds its own. Lives for one request to one subgraph. */
export interface GraphContext {
  identity: Identity
  /** The signed identity itself, to ask another subgraph on the caller's behalf. */
  identityToken: string
  actor: Actor
  requestId: string
  clock: Pick<DomainClock, 'nowMs'>
  ids: Ids
  log: Log
  /** The request's one read transaction, as the caller. */
  read(): Promise<Tx>
  /** Lets go of the read transaction: the next read sees what has come since. */
  refresh(): Promise<void>
  /** A change, as the caller. Reads after it see it. */
  write<T>(run: (tx: Tx) => Promise<T>): Promise<T>
  /** The loader under `name`, made at first use: loads of one tick become one call. Results in the order of the keys. */
  loader<K, V>(name: string, load: (tx: Tx, keys: readonly K[]) => Promise<readonly (V | Error)[]>): DataLoader<K, V>
  close(): Promise<void>
}

interface ContextOptions {
  identity: Identity
  identityToken: string
  requestId: string
  database: Database
  clock: Pick<DomainClock, 'nowMs'>
  ids: Ids
  log: Log
}

export function createContext({ database, ...rest }: ContextOptions): GraphContext {
  const actor = actorOf(rest.identity)
  const loaders = new Map<string, unknown>()
  let reader: Reader = database.reader(actor)
  /** Each statement goes to the transaction of the moment: a field that refreshes never ends one under another field. */
  const present: Tx = {
    subgraph: database.subgraph,
    execute: async (query) => (await reader.tx()).execute(query),
    attempt: async (run) => (await reader.tx()).attempt(run),
    afterCommit: () => {
      throw new Error('a read transaction has nothing to tell')
    },
  }

  const context: GraphContext = {
    ...rest,
    actor,
    async read() {
      await reader.tx()
      return present
    },
    async refresh() {
      await reader.close()
      reader = database.reader(actor)
      for (const loader of loaders.values()) (loader as DataLoader<unknown, unknown>).clearAll()
    },
    async write(run) {
      // One connection a request: with all of them held by requests that wait for a second, none would go on.
      await context.refresh()
      const result = await database.write(actor, run)
      await context.refresh()
      return result
    },
    loader<K, V>(name: string, load: (tx: Tx, keys: readonly K[]) => Promise<readonly (V | Error)[]>) {
      const known = loaders.get(name) as DataLoader<K, V> | undefined
      if (known) return known
      const made = new DataLoader<K, V>(async (keys) => load(await context.read(), keys))
      loaders.set(name, made)
      return made
    },
    close: () => reader.close(),
  }
  return context
}

/** Puts rows in the order of the keys asked for; a key without a row is null. */
export function inOrderOf<K, R>(keys: readonly K[], rows: readonly R[], keyOf: (row: R) => K): (R | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  return keys.map((key) => byKey.get(key) ?? null)
}
