import { type SQL, sql } from 'drizzle-orm'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { SubgraphName } from '../link/protocol.ts'

/** As whom a transaction acts; row-level security follows from it. */
export type Actor =
  /** Sees and writes only rows of this tenant. */
  | { role: 'app'; tenantId: string }
  /** Platform operator: every tenant's rows. */
  | { role: 'operator' }
  /** Observations, facts and background work: every tenant's rows, never on a client's word. */
  | { role: 'ingest' }

/** What store functions are given: the only way to SQL. */
export interface Tx {
  readonly subgraph: SubgraphName
  execute<Row extends Record<string, unknown> = Record<string, unknown>>(query: SQL): Promise<Row[]>
  /** A part that may fail: its throw undoes what it did, and no more, and rises. */
  attempt<T>(run: (tx: Tx) => Promise<T>): Promise<T>
  /** Tells `topic` (see wakeups.ts) once, after the commit, if there is one. */
  afterCommit(topic: string): void
}

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
  /** postgres.js connection options of the login role `sluice_<subgraph>`. */
  connection: postgres.Options<Record<string, never>>
  maxConnections: number
  /** Called once per topic after a commit. */
  notify(topic: string): void
}

export function openDatabase({ subgraph, connection, maxConnections, notify }: DatabaseOptions): Database {
  const client = postgres({
    ...connection,
    max: maxConnections,
    onnotice: () => {},
    connection: { search_path: `${subgraph}, pg_catalog`, application_name: `sluice-${subgraph}` },
  })
  const handle = drizzle(client)

  async function transaction<T>(mode: 'read' | 'write', actor: Actor, run: (tx: Tx) => Promise<T>): Promise<T> {
    const topics = new Set<string>()
    const config =
      mode === 'read'
        ? ({ accessMode: 'read only', isolationLevel: 'repeatable read' } as const)
        : ({ accessMode: 'read write', isolationLevel: 'read committed' } as const)
    const result = await handle.transaction(async (transaction) => {
      await transaction.execute(becomeActor(subgraph, actor))
      return run(openTx(subgraph, transaction, (topic) => topics.add(topic)))
    }, config)
    for (const topic of topics) notify(topic)
    return result
  }

  return {
    subgraph,
    write: (actor, run) => transaction('write', actor, run),
    read: (actor, run) => transaction('read', actor, run),
    reader: (actor) => openReader((run) => transaction('read', actor, run)),
    close: () => client.end({ timeout: 5 }),
  }
}

type Transaction = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0]

function openTx(subgraph: SubgraphName, transaction: Transaction, afterCommit: (topic: string) => void): Tx {
  return {
    subgraph,
    execute: async <Row extends Record<string, unknown>>(query: SQL) =>
      [...(await transaction.execute(query))] as Row[],
    // By the driver's own savepoint: it lets a transaction in which any other statement failed end in nothing but a rollback.
    attempt: (run) => transaction.transaction((nested) => run(openTx(subgraph, nested, afterCommit))),
    afterCommit,
  }
}

/** One statement, so that it costs one round trip. A member's tenant id is quoted by Postgres itself. */
function becomeActor(subgraph: SubgraphName, actor: Actor): SQL {
  const tenant = actor.role === 'app' ? actor.tenantId : ''
  return sql`select set_config('role', ${`${subgraph}_${actor.role}`}, true), set_config('sluice.tenant_id', ${tenant}, true)`
}

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
