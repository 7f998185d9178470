import postgres from 'postgres'
import { inject, onTestFinished } from 'vitest'
import { type Database, openDatabase } from '../../platform/database/database.ts'
import type { SubgraphName } from '../../platform/link/protocol.ts'
import { createWakeups, type Wakeups } from '../../platform/wakeups.ts'
import type { TestServer } from './postgres.setup.ts'

/** A fresh, migrated Postgres database, dropped when the test ends. */
export interface TestPostgres {
  /** Opens the handle of a subgraph as its own login role. */
  open(subgraph: SubgraphName): TestDatabase
  superuser: string
  /** postgres.js options, for what a test must do as another user. */
  connection(user: string): { host: string; port: number; user: string; database: string }
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

/** A fresh database without any schema of ours, for what makes or restores them. */
export async function emptyPostgres(): Promise<EmptyPostgres> {
  const { superuser } = ownServer()
  let client: postgres.Sql | undefined
  const { connection } = await createDatabase({ template: 'template1', beforeDrop: async () => client?.end() })
  client = postgres({ ...connection(superuser), max: 2, onnotice: () => {} })
  return { admin: connection(superuser), client }
}
export interface EmptyPostgres {
  /** As the server's superuser. */
  admin: { host: string; port: number; user: string; database: string }
  client: postgres.Sql
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
  const admin = postgres({ host, port, user: superuser, database: 'postgres', max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${database} template ${template} strategy file_copy`)
  onTestFinished(async () => {
    await beforeDrop()
    await admin.unsafe(`drop database ${database} with (force)`)
    await admin.end()
  })
  return { connection: (user: string) => ({ host, port, user, database }) }
}

/** The handle of one subgraph on a database of its own. */
export async function testDatabase(subgraph: SubgraphName): Promise<TestDatabase> {
  return (await testPostgres()).open(subgraph)
}
