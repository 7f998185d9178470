import { setTimeout as wait } from 'node:timers/promises'
import type { SubgraphName } from '../link/protocol.ts'
import type { Log } from '../log.ts'
import { type Connection, type ConnectionOptions, inTransaction, withClient } from './connection.ts'
import { appliedMigrations, readMigrations, schemaNewer } from './migrations.ts'
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

  /** @returns what is missing, in words; null: nothing */
  async function look(): Promise<string | null> {
    try {
      const applied = await withClient(connection, async (client) => {
        await requireServerVersion(client)
        return appliedTo(client, subgraph)
      })
      if (applied === null) return `\`sluice migrate\`: the schema of ${subgraph} is not there`
      const knownMs = new Set(known.map(({ createdMs }) => createdMs))
      if (!applied.isSubsetOf(knownMs)) throw schemaNewer(subgraph)
      return knownMs.isSubsetOf(applied) ? null : `\`sluice migrate\`: the schema of ${subgraph} is older`
    } catch (error) {
      if (error instanceof Error && 'fix' in error) throw error
      return `the database: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

/** As an actor: the login role itself may not look. */
function appliedTo(client: Connection, subgraph: SubgraphName): Promise<Set<number> | null> {
  return inTransaction(client, 'begin', async () => {
    await client.query(`select set_config('role', $1, true)`, [`${subgraph}_ingest`])
    return appliedMigrations(client, subgraph)
  })
}
