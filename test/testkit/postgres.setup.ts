import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { withClient } from '../../platform/database/connection.ts'
import { migrate } from '../../platform/database/migrate.ts'
import { SUBGRAPH_NAMES } from '../../platform/link/protocol.ts'
import { startPostgres } from '../../platform/postgres/launcher.ts'

/** A server, and the database on it that a test's own is copied from. */
export interface TestServer {
  host: string
  port: number
  superuser: string
  template: string
}

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each worker: a log's readers wait for every transaction of their server, another test's too. */
    postgres: TestServer[]
  }
}

const TEMPLATE = 'sluice_template'

/** Real Postgres servers for a run; every test takes a database of its own from a migrated template. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.all(Array.from({ length: project.config.maxWorkers }, startServer))
  project.provide(
    'postgres',
    started.map(({ server }) => server),
  )
  return async () => void (await Promise.all(started.map(({ stop }) => stop())))
}

async function startServer(): Promise<{ server: TestServer; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  const { host, port, superuser, connectionOptions, stop } = await startPostgres({
    dataDir,
    settings: { fsync: 'off', max_connections: '200' },
  })
  await withClient(connectionOptions(superuser, 'postgres'), (admin) => admin.query(`create database ${TEMPLATE}`))
  const migrated = SUBGRAPH_NAMES.filter((name) => existsSync(new URL(`../../migrations/${name}`, import.meta.url)))
  await migrate(connectionOptions(superuser, TEMPLATE), { subgraphs: migrated })
  return {
    server: { host, port, superuser, template: TEMPLATE },
    async stop() {
      await stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
