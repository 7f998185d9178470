import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type Connection, type ConnectionOptions, inTransaction, withClient } from '../database/connection.ts'
import type { Tx } from '../database/database.ts'
import { migrate } from '../database/migrate.ts'
import { readMigrations } from '../database/migrations.ts'
import { txOn } from '../database/transaction.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../link/protocol.ts'
import { type CatalogTable, catalogTables, existingSchemas, qualified } from './catalog.ts'
import { type BackedUpTable, BackupError, type Manifest, readManifest, verifyFiles } from './format.ts'

export interface RestoreOptions {
  /** May create roles, and sees every row. */
  connection: ConnectionOptions
  folder: string
  /** What a subgraph has to set right: what was under way outside of the database, and is not any more. */
  settle?: Partial<Record<SubgraphName, (tx: Tx) => Promise<void>>>
}

/**
 * Puts a backup into an empty database, in the schema it was made with, and then brings that up to date. The
 * epoch of every log is new, so that cursors and positions of the old history are told from those of this one.
 * @throws BackupError, with the database as empty as it was
 */
export async function restore({ connection, folder, settle = {} }: RestoreOptions): Promise<Manifest> {
  const manifest = await readManifest(folder)
  await refuseNewer(manifest)
  await verifyFiles(folder, manifest)
  await withClient(connection, async (client) => {
    const existing = await existingSchemas(client)
    if (existing.length > 0) throw notEmpty(existing)
    try {
      await migrate(connection, { through: manifest.schemas })
      await inTransaction(client, 'begin', () => load(client, folder, manifest, settle))
    } catch (error) {
      // They were not there before.
      for (const schema of [...SUBGRAPH_NAMES, 'sluice']) await client.query(`drop schema if exists ${schema} cascade`)
      throw error
    }
    await migrate(connection)
  })
  return manifest
}

async function load(
  client: Connection,
  folder: string,
  manifest: Manifest,
  settle: NonNullable<RestoreOptions['settle']>,
): Promise<void> {
  await client.query('set local row_security = off')
  const catalog = new Map((await catalogTables(client)).map((table) => [qualified(table), table]))
  for (const table of manifest.tables) {
    const target = catalog.get(qualified(table))
    if (target === undefined) throw new Error(`the schema of this backup has no table ${qualified(table)}`)
    await loadTable(client, folder, table, target)
  }
  for (const [name, value] of Object.entries(manifest.sequences))
    await client.query('select setval($1::regclass, $2)', [name, value])
  for (const subgraph of SUBGRAPH_NAMES) {
    await client.query(`set local search_path to ${subgraph}, pg_catalog`)
    await settle[subgraph]?.(txOn(client, subgraph))
  }
}

async function loadTable(
  client: Connection,
  folder: string,
  { file, columns, rows }: BackedUpTable,
  target: CatalogTable,
): Promise<void> {
  const name = qualified(target)
  const list = columns.map(pg.escapeIdentifier).join(', ')
  await client.query(`create temporary table incoming on commit drop as select ${list} from ${name} limit 0`)
  const sink = client.query(copyFrom('copy incoming from stdin'))
  await pipeline(createReadStream(join(folder, file)), createGunzip(), sink)
  const values = columns.map((column) => restoredValue(column, target)).join(', ')
  const { rowCount } = await client.query(
    `insert into ${name} (${list}) overriding system value select ${values} from incoming`,
  )
  if (rowCount !== rows) throw new Error(`${name} has ${rowCount} rows instead of ${rows}`)
  await client.query('drop table incoming')
}

/**
 * Transaction ids of another server mean nothing here, and might be ahead of this one's for years: whatever a
 * past transaction had written, this one has. Within it the old order goes on.
 */
function restoredValue(column: string, { columns }: CatalogTable): string {
  const type = columns.find(({ name }) => name === column)?.type
  if (type === 'xid8') return `case when ${pg.escapeIdentifier(column)} is not null then pg_current_xact_id() end`
  const isPlaceInLog = column === 'id' && type === 'bigint' && columns.some(({ name }) => name === 'xid')
  return isPlaceInLog ? 'row_number() over (order by xid, id)' : pg.escapeIdentifier(column)
}

async function refuseNewer({ schemas }: Manifest): Promise<void> {
  for (const subgraph of SUBGRAPH_NAMES) {
    const tags = (await readMigrations(subgraph)).map(({ tag }) => tag)
    if (tags.includes(schemas[subgraph])) continue
    throw new BackupError(
      'BACKUP_NEWER',
      `The backup has a schema of ${subgraph} (${schemas[subgraph]}) that this program does not know.`,
      'Restore it with the version of Sluice that made it, or a newer one.',
    )
  }
}

function notEmpty(schemas: readonly string[]): BackupError {
  return new BackupError(
    'DATABASE_NOT_EMPTY',
    `This database holds the schemas ${schemas.join(', ')} already.`,
    'Restore into a new database (CREATE DATABASE), or a data folder that is not there yet, and start Sluice on that.',
  )
}
