import { setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import type { SubgraphName } from '../link/protocol.ts'
import type { Log } from '../log.ts'
import type { ConnectionOptions } from './address.ts'
import { readMigrations, schemaNewer } from './migrations.ts'
import { requireServerVersion } from './serverVersion.ts'

interface AwaitOptions {
  subgraph: SubgraphName
  connection: ConnectionOptions
  log: Log
  signal: AbortSignal
  /** Told what it waits for now, in words; null: for nothing more. */
  onWaiting(what: string | null): void
}

const RETRY_MS = 500

/**
 * Waits until the database is there and `sluice migrate` has brought the subgraph's schema to where this
 * program needs it: roles may be started in any order.
 * @throws PostgresTooOldError, SchemaError SCHEMA_NEWER: waiting would not mend it
 */
export async function awaitSchema({ subgraph, connection, log, signal, onWaiting }: AwaitOptions): Promise<void> {
  const known = await readMigrations(subgraph)
  let said: string | null = null
  for (;;) {
    signal.throwIfAborted()
    const missing = await look()
    onWaiting(missing)
    if (missing === null) return
    if (missing !== said) log.warn(`waits for ${missing}`)
    said = missing
    await wait(RETRY_MS, undefined, { signal })
  }

  async function look(): Promise<string | null> {
    const client = postgres({ ...connection, max: 1, onnotice: () => {}, connect_timeout: 5 })
    try {
      await requireServerVersion(client)
      const applied = await appliedMs(client, subgraph)
      if (applied === null) return `\`sluice migrate\`: the schema of ${subgraph} is not there`
      const knownMs = known.map(({ createdMs }) => createdMs)
      if (applied.some((ms) => !knownMs.includes(ms))) throw schemaNewer(subgraph)
      return knownMs.every((ms) => applied.includes(ms))
        ? null
        : `\`sluice migrate\`: the schema of ${subgraph} is older`
    } catch (error) {
      if (error instanceof Error && 'fix' in error) throw error
      return `the database: ${error instanceof Error ? error.message : String(error)}`
    } finally {
      await client.end({ timeout: 1 })
    }
  }
}

async function appliedMs(client: postgres.Sql, subgraph: SubgraphName): Promise<number[] | null> {
  return client.begin(async (tx) => {
    await tx`select set_config('role', ${`${subgraph}_ingest`}, true)`
    const table = `sluice.migrations_${subgraph}`
    const [found] = await tx<{ exists: boolean }[]>`select to_regclass(${table}) is not null as exists`
    if (!found?.exists) return null
    const rows = await tx<{ created_at: string }[]>`select created_at from ${tx(table)}`
    return rows.map((row) => Number(row.created_at))
  })
}
