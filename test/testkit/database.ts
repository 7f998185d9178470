import { type SQL, sql } from 'drizzle-orm'
import { inject, onTestFinished } from 'vitest'
import { type ConnectionOptions, withClient } from '../../platform/database/connection.ts'
import { type Database, openDatabase } from '../../platform/database/database.ts'
import type { SubgraphName } from '../../platform/link/protocol.ts'
import { createWakeups, type Wakeups } from '../../platform/wakeups.ts'
import type { TestServer } from './postgres.setup.ts'
import { until } from './until.ts'

/** A fresh, migrated Postgres database, dropped when the test ends. */
export interface TestPostgres {
  /** Opens the handle of a subgraph as its own login role. */
  open(subgraph: SubgraphName): TestDatabase
  superuser: string
  /** For what a test must do as another user. */
  connection(user: string): ConnectionOptions
}
export interface TestDatabase {
  database: Database
  wakeups: Wakeups
}

let made = 0

export async function testPostgres(): Promise<TestPostgres> {
  const opened: Database[] = []
  const { connection } = await createDatabase({
    template: ownServer().template,
    beforeDrop: () => Promise.all(opened.map((handle) => handle.close())),
  })
  return {
    superuser: ownServer().superuser,
    connection,
    open(subgraph) {
      const wakeups = createWakeups()
      const handle = openDatabase({
        subgraph,
        connection: connection(`sluice_${subgraph}`),
        maxConnections: 4,
        notify: wakeups.notify,
      })
      opened.push(handle)
      return { database: handle, wakeups }
    },
  }
}

/** A fresh database without any schema of ours, for what makes or restores them. As the server's superuser. */
export async function emptyPostgres(): Promise<ConnectionOptions> {
  const { connection } = await createDatabase({ template: 'template1', beforeDrop: async () => {} })
  return connection(ownServer().superuser)
}

/** The rows of one statement, on a connection of its own. */
export function query<Row extends Record<string, unknown>>(
  connection: ConnectionOptions,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return withClient(connection, async (client) => (await client.query<Row>(text, values)).rows)
}

/**
 * Resolves when feeds and logs show all that has been committed by now: they hold back whatever a transaction that is
 * still going on may come before (platform/events/positions.ts), and in a test too there are others, such as autovacuum's.
 */
export async function untilSettled(database: Database): Promise<void> {
  const ask = async (what: SQL) => {
    const [row] = await database.read({ role: 'ingest' }, (tx) => tx.execute<{ answer: string }>(what))
    return row?.answer
  }
  const next = await ask(sql`select pg_snapshot_xmax(pg_current_snapshot())::text as answer`)
  const isPast = sql`select (pg_snapshot_xmin(pg_current_snapshot()) >= ${next}::xid8)::text as answer`
  await until(
    'earlier transactions have ended',
    () => ask(isPast),
    (answer) => answer === 'true',
  )
}

/** This worker's. */
function ownServer(): TestServer {
  const servers = inject('postgres')
  const own = servers[(Number(process.env.VITEST_POOL_ID) - 1) % servers.length]
  if (own === undefined) throw new Error(`worker ${process.env.VITEST_POOL_ID} has no Postgres`)
  return own
}

async function createDatabase({ template, beforeDrop }: { template: string; beforeDrop(): Promise<unknown> }) {
  const { host, port, superuser } = ownServer()
  made += 1
  const database = `t_${process.pid}_${made}_${Date.now().toString(36)}`
  const admin = { host, port, user: superuser, database: 'postgres' }
  await query(admin, `create database ${database} template ${template} strategy file_copy`)
  onTestFinished(async () => {
    await beforeDrop()
    await query(admin, `drop database ${database} with (force)`)
  })
  return { connection: (user: string) => ({ host, port, user, database }) }
}

/** The handle of one subgraph on a database of its own. */
export async function testDatabase(subgraph: SubgraphName): Promise<TestDatabase> {
  return (await testPostgres()).open(subgraph)
}
