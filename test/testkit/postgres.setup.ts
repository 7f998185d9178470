import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../platform/database/migrate.ts'
import { SUBGRAPH_NAMES } from '../../platform/link/protocol.ts'
import { startPostgres } from '../../platform/postgres/launcher.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { host: string; port: number; superuser: string; template: string }
  }
}

const TEMPLATE = 'sluice_template'

/** One real Postgres for a run; every test takes a database of its own from a migrated template. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  const server = await startPostgres({ dataDir, settings: { fsync: 'off', max_connections: '200' } })
  const admin = postgres({ ...server.connectionOptions(server.superuser, 'postgres'), max: 1 })
  await admin.unsafe(`create database ${TEMPLATE}`)
  await admin.end()
  const migrated = SUBGRAPH_NAMES.filter((name) => existsSync(new URL(`../../migrations/${name}`, import.meta.url)))
  await migrate(server.connectionOptions(server.superuser, TEMPLATE), { subgraphs: migrated })
  project.provide('postgres', { host: server.host, port: server.port, superuser: server.superuser, template: TEMPLATE })
  return async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
