import type { SQL } from 'drizzle-orm'
import type { SubgraphName } from '../link/protocol.ts'
import { type ConnectionOptions, withKnownErrors } from './connection.ts'
import { openPool } from './pool.ts'
import { runTransaction } from './transaction.ts'
import { transactionMetrics } from './transactionMetrics.ts'

/** As whom a transaction acts; row-level security follows from it. */
export type Actor =
  /** Sees and writes only rows of this tenant. */
  | { role: 'app'; tenantId: string }
  /** Platform operator: every tenant's rows. */
  | { role: 'operator' }
  /** Observations, facts and background work: every tenant's rows, never on a client's word. */
  | { role: 'ingest' }
  /** Deletes what has had its time, and can do nothing else. */
  | { role: 'retention' }

/** What store functions are given: the only way to SQL. */
export interface Tx {
  readonly subgraph: SubgraphName
  execute<Row extends Record<string, unknown> = Record<string, unknown>>(query: SQL): Promise<Row[]>
  /** A part that may fail: its throw undoes what it did, and no more, and rises. */
  attempt<T>(run: (tx: Tx) => Promise<T>): Promise<T>
  /** Tells a topic (see wakeups.ts) once, or calls a function, after the commit, if there is one. */
  afterCommit(what: AfterCommit): void
}

export type AfterCommit = string | (() => void)

export interface Database {
  /** Also the Postgres schema, which is first on the search path. */
  readonly subgraph: SubgraphName
  /** READ COMMITTED. A throw rolls back and rises. Keep it under 5 s: readers of the event log wait for it. */
  write<T>(actor: Actor, run: (tx: Tx) => Promise<T>): Promise<T>
  /** READ ONLY, REPEATABLE READ: one snapshot. */
  read<T>(actor: Actor, run: (tx: Tx) => Promise<T>): Promise<T>
  /** A read transaction that begins with the first `tx()` and lasts until `close()`. */
  reader(actor: Actor): Reader
  close(): Promise<void>
}

export interface Reader {
  tx(): Promise<Tx>
  close(): Promise<void>
}

export interface DatabaseOptions {
  subgraph: SubgraphName
  /** As the login role `sluice_<subgraph>`. */
  connection: ConnectionOptions
  maxConnections: number
  /** Called once per topic after a commit. */
  notify(topic: string): void
}

export function openDatabase({ subgraph, connection, maxConnections, notify }: DatabaseOptions): Database {
  const { pool, close } = openPool({ subgraph, connection, maxConnections })
  const metrics = transactionMetrics(subgraph)

  async function transaction<T>(mode: keyof typeof BEGIN, actor: Actor, run: (tx: Tx) => Promise<T>): Promise<T> {
    const committed = new Set<AfterCommit>()
    const measured = metrics.ask(mode)
    let result: T
    try {
      const client = await withKnownErrors(pool.connect())
      measured.begun()
      result = await runTransaction({ subgraph, client, begin: BEGIN[mode], actor, committed, run })
    } catch (error) {
      measured.ended('failed')
      throw error
    }
    measured.ended('committed')
    for (const what of committed) {
      if (typeof what === 'string') notify(what)
      else what()
    }
    return result
  }

  return {
    subgraph,
    write: (actor, run) => transaction('write', actor, run),
    read: (actor, run) => transaction('read', actor, run),
    reader: (actor) => openReader((run) => transaction('read', actor, run)),
    async close() {
      metrics.stop()
      await close()
    },
  }
}

/** READ COMMITTED is what Postgres begins by itself. */
const BEGIN = { read: 'begin isolation level repeatable read read only', write: 'begin' }

function openReader(begin: (run: (tx: Tx) => Promise<void>) => Promise<void>): Reader {
  let opened: Promise<Tx> | undefined
  let ended: Promise<void> = Promise.resolve()
  const release = Promise.withResolvers<void>()
  return {
    tx() {
      opened ??= new Promise<Tx>((resolve, reject) => {
        ended = begin((tx) => {
          resolve(tx)
          return release.promise
        })
        ended.catch(reject)
      })
      return opened
    },
    async close() {
      release.resolve()
      await ended.catch(() => {}) // whoever asked for tx() has had the error
    },
  }
}

/** A timestamptz as execute() returns it (Postgres' own text form) → Date. */
export function instant(value: unknown): Date {
  const date = new Date(
    String(value)
      .replace(' ', 'T')
      .replace(/([+-]\d\d)$/, '$1:00'),
  )
  if (Number.isNaN(date.getTime())) throw new TypeError(`not a timestamp: ${String(value)}`)
  return date
}

export function instantOrNull(value: unknown): Date | null {
  return value === null || value === undefined ? null : instant(value)
}
