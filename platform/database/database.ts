import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import type { SubgraphName } from '../link/protocol.ts'
import { asDatabaseError, type Connection, type ConnectionOptions, sqlState } from './connection.ts'
import { openPool } from './pool.ts'
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
      const client = await pool.connect().catch((error) => Promise.reject(asDatabaseError(error)))
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

interface RunOptions<T> {
  subgraph: SubgraphName
  client: pg.PoolClient
  begin: string
  actor: Actor
  committed: Set<AfterCommit>
  run: (tx: Tx) => Promise<T>
}

/** One transaction on a connection of the pool, which has it back at the end. */
async function runTransaction<T>({ subgraph, client, begin, actor, committed, run }: RunOptions<T>): Promise<T> {
  let isOver = false
  const { tx, failure } = openTx({
    subgraph,
    client,
    afterCommit: (what) => committed.add(what),
    isOver: () => isOver,
  })
  // Not waited for: they go out together with the first statement, which Postgres runs after them or not at all.
  const opening = Promise.all([client.query(begin), tx.execute(becomeActor(subgraph, actor))])
  opening.catch(() => {})
  try {
    const result = await run(tx)
    await opening
    isOver = true
    const { command } = await client.query('commit').catch((error) => Promise.reject(asDatabaseError(error)))
    // So Postgres ends a transaction of which a statement failed, whether or not anybody minded.
    if (command !== 'COMMIT') throw failure() ?? new Error('the transaction was rolled back instead of committed')
    client.release()
    return result
  } catch (error) {
    isOver = true
    const isBack = await client.query('rollback').then(
      () => true,
      () => false,
    )
    client.release(!isBack || isOutdated(error))
    throw error
  }
}

/** A statement that was prepared before a migration changed what it returns fails on its connection for good. */
function isOutdated(error: unknown): boolean {
  return sqlState(error) === '0A000'
}

const dialect = new PgDialect()

/**
 * Statements are prepared once per connection: parsing and planning cost more than most of ours. There are
 * as many texts as the code has, since values are parameters.
 */
const statementNames = new Map<string, string>()

function nameOf(text: string): string {
  const known = statementNames.get(text)
  if (known !== undefined) return known
  const name = `s${statementNames.size}`
  statementNames.set(text, name)
  return name
}

interface OpenTransaction {
  subgraph: SubgraphName
  client: Connection
  afterCommit(what: AfterCommit): void
  isOver(): boolean
}

/** Of a connection that is in a transaction already, as whoever it is: for restoring, which comes before the actors. */
export function txOn(client: Connection, subgraph: SubgraphName): Tx {
  return openTx({ subgraph, client, afterCommit: () => {}, isOver: () => false }).tx
}

/** `failure`: of the first statement that failed, unless that was undone. */
function openTx({ subgraph, client, afterCommit, isOver }: OpenTransaction): { tx: Tx; failure(): Error | null } {
  let failed: Error | null = null
  let savepoints = 0

  async function send<Row extends Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]> {
    // It would become part of the connection's next transaction.
    if (isOver()) throw new Error('a statement was sent after its transaction had ended')
    try {
      return (await client.query<Row>(values ? { name: nameOf(text), text, values } : text)).rows
    } catch (error) {
      const known = asDatabaseError(error)
      failed ??= known
      throw known
    }
  }

  function txOf(after: (what: AfterCommit) => void): Tx {
    return {
      subgraph,
      execute<Row extends Record<string, unknown>>(query: SQL) {
        const { sql: text, params } = dialect.sqlToQuery(query)
        const rows = send<Row>(text, params)
        rows.catch(() => {}) // whether or not it is waited for: the transaction fails with it
        return rows
      },
      async attempt(run) {
        const committed: AfterCommit[] = []
        savepoints += 1
        const name = `attempt_${savepoints}`
        await send(`savepoint ${name}`)
        const before = failed
        let result: Awaited<ReturnType<typeof run>>
        try {
          result = await run(txOf((what) => committed.push(what)))
          await send(`release ${name}`)
        } catch (error) {
          await send(`rollback to ${name}`)
          failed = before
          throw error
        }
        for (const what of committed) after(what)
        return result
      },
      afterCommit: after,
    }
  }
  return { tx: txOf(afterCommit), failure: () => failed }
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
