import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { SubgraphName } from '../link/protocol.ts'
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
    backoff: () => RECONNECT_SECONDS,
    onnotice: () => {},
    connection: { search_path: `${subgraph}, pg_catalog`, application_name: `sluice-${subgraph}` },
  })
  drizzle(client) // from here on times and JSON travel as text, in statements of drizzle's and of ours alike

  const metrics = transactionMetrics(subgraph)

  async function transaction<T>(mode: keyof typeof BEGIN, actor: Actor, run: (tx: Tx) => Promise<T>): Promise<T> {
    const committed = new Set<AfterCommit>()
    const measured = metrics.ask(mode)
    const ending = client.begin(BEGIN[mode], async (connection) => {
      measured.begun()
      let isOver = false
      const tx = openTx({ subgraph, connection, afterCommit: (what) => committed.add(what), isOver: () => isOver })
      // Not waited for: it goes out together with the first statement, which Postgres runs after it or not at all.
      const acting = tx.execute(becomeActor(subgraph, actor))
      acting.catch(() => {})
      try {
        const result = await run(tx)
        await acting
        return { result }
      } finally {
        isOver = true
      }
    })
    ending.then(
      () => measured.ended('committed'),
      () => measured.ended('failed'),
    )
    const result = await ending
    for (const what of committed) {
      if (typeof what === 'string') notify(what)
      else what()
    }
    return result.result
  }

  return {
    subgraph,
    write: (actor, run) => transaction('write', actor, run),
    read: (actor, run) => transaction('read', actor, run),
    reader: (actor) => openReader((run) => transaction('read', actor, run)),
    async close() {
      metrics.stop()
      await client.end({ timeout: CLOSE_WITHIN_SECONDS })
    },
  }
}

/** The driver's own pauses grow to 20 s, for which requests would wait although the server is back. */
const RECONNECT_SECONDS = 0.5
/** For what is under way, which never ends where the server is gone; a program that stops has less than five in all. */
const CLOSE_WITHIN_SECONDS = 2

/** READ COMMITTED is what Postgres begins by itself. */
const BEGIN = { read: 'isolation level repeatable read read only', write: '' }

const dialect = new PgDialect()

interface OpenTransaction {
  subgraph: SubgraphName
  connection: postgres.TransactionSql
  afterCommit(what: AfterCommit): void
  isOver(): boolean
}

/** Of a connection that is in a transaction already, as whoever it is: for restoring, which comes before the actors. */
export function txOn(connection: postgres.TransactionSql, subgraph: SubgraphName): Tx {
  return openTx({ subgraph, connection, afterCommit: () => {}, isOver: () => false })
}

function openTx({ subgraph, connection, afterCommit, isOver }: OpenTransaction): Tx {
  return {
    subgraph,
    async execute<Row extends Record<string, unknown>>(query: SQL) {
      // The driver would send it on the same connection, and so into the next transaction.
      if (isOver()) throw new Error('a statement was sent after its transaction had ended')
      const { sql: text, params } = dialect.sqlToQuery(query)
      // Prepared once per connection: parsing and planning cost more than most of our statements.
      return [...(await connection.unsafe(text, params as never[], { prepare: true }))] as unknown as Row[]
    },
    // By the driver's own savepoint: it lets a transaction in which any other statement failed end in nothing but a rollback.
    async attempt(run) {
      const committed: AfterCommit[] = []
      const attempted = await connection.savepoint(async (nested) => ({
        result: await run(
          openTx({ subgraph, connection: nested, afterCommit: (what) => committed.push(what), isOver }),
        ),
      }))
      for (const what of committed) afterCommit(what)
      return attempted.result
    },
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
