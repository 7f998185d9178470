import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { WallClock } from '../clock.ts'
import { type Connection, type ConnectionOptions, inTransaction, sqlState, withClient } from '../database/connection.ts'
import { appliedMigrations, readMigrations, schemaNewer } from '../database/migrations.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../link/protocol.ts'
import { type CatalogTable, catalogSequences, catalogTables, existingSchemas, qualified } from './catalog.ts'
import { type BackedUpTable, BackupError, FORMAT, MANIFEST_FILE, type Manifest } from './format.ts'

export interface BackupOptions {
  connection: ConnectionOptions
  /** Must not be there yet. */
  folder: string
  wall: WallClock
}

/**
 * Writes all four schemas of a database, as of one instant, into a folder, which is there whole or not at
 * all. The program may go on working: a snapshot holds up nobody.
 * @throws BackupError, SchemaError
 */
export async function backUp({ connection, folder, wall }: BackupOptions): Promise<Manifest> {
  if (existsSync(folder)) {
    throw new BackupError('BACKUP_EXISTS', `${folder} is there already.`, 'Name a folder that is not there yet.')
  }
  const part = join(dirname(folder), `.${basename(folder)}.part`)
  await rm(part, { recursive: true, force: true }) // of a backup that was broken off
  await mkdir(part, { recursive: true, mode: 0o700 })
  try {
    const manifest = await withClient(connection, async (client) => {
      // No migration meanwhile: what it would lock, and change, is being read.
      await client.query(`select pg_advisory_lock_shared(hashtext('sluice.migrate'))`)
      return inTransaction(client, SNAPSHOT, () => write(client, part, wall))
    })
    await writeFile(join(part, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
    // All at once, at the end: each by itself would wait for the disk once a table.
    await Promise.all([part, ...(await readdir(part)).map((file) => join(part, file))].map(syncToDisk))
    await rename(part, folder)
    await syncToDisk(dirname(folder))
    return manifest
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw sqlState(error) === INSUFFICIENT_PRIVILEGE ? noRight(error) : error
  }
}

const SNAPSHOT = 'begin isolation level repeatable read read only'
/** So row security refuses whoever would see a part of the rows alone. */
const INSUFFICIENT_PRIVILEGE = '42501'

async function write(client: Connection, folder: string, wall: WallClock): Promise<Manifest> {
  if ((await existingSchemas(client)).length <= SUBGRAPH_NAMES.length) {
    throw new BackupError(
      'NOTHING_TO_BACK_UP',
      'This database does not hold the four schemas of Sluice.',
      'Check DATABASE_URL, or SLUICE_DATA.',
    )
  }
  // Whoever would be shown a part of the rows alone is refused instead.
  await client.query('set local row_security = off')
  const tables: BackedUpTable[] = []
  for (const table of await catalogTables(client)) tables.push(await writeTable(client, folder, table))
  const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`)
  const schemas: Partial<Manifest['schemas']> = {}
  for (const subgraph of SUBGRAPH_NAMES) schemas[subgraph] = await lastMigration(client, subgraph)
  return {
    format: FORMAT,
    createdAt: new Date(wall.nowMs()).toISOString(),
    postgres: rows[0]?.version ?? '',
    schemas: schemas as Manifest['schemas'],
    tables,
    // Sequences belong to no snapshot. Read last, they are beyond everything that was read before.
    sequences: await catalogSequences(client),
  }
}

async function writeTable(client: Connection, folder: string, table: CatalogTable): Promise<BackedUpTable> {
  const file = `${qualified(table)}.copy.gz`
  const columns = table.columns.map(({ name }) => name)
  const hash = createHash('sha256')
  let rows = 0
  let bytes = 0
  // A newline within a value is escaped: each one in the stream ends a row.
  const counted = tap((chunk) => {
    for (const byte of chunk) if (byte === 0x0a) rows += 1
  })
  const hashed = tap((chunk) => {
    hash.update(chunk)
    bytes += chunk.length
  })
  const source = client.query(
    copyTo(`copy ${qualified(table)} (${columns.map(pg.escapeIdentifier).join(', ')}) to stdout`),
  )
  const target = createWriteStream(join(folder, file), { flags: 'wx', mode: 0o600 })
  await pipeline(source, counted, createGzip(), hashed, target)
  return { schema: table.schema, name: table.name, columns, file, rows, bytes, sha256: hash.digest('hex') }
}

function tap(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see(chunk)
      done(null, chunk)
    },
  })
}

async function lastMigration(client: Connection, subgraph: SubgraphName): Promise<string> {
  const lastMs = Math.max(...((await appliedMigrations(client, subgraph)) ?? []))
  const last = (await readMigrations(subgraph)).find(({ createdMs }) => createdMs === lastMs)
  if (last === undefined) throw schemaNewer(subgraph)
  return last.tag
}

async function syncToDisk(path: string): Promise<void> {
  const opened = await open(path, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

function noRight(cause: unknown): BackupError {
  return new BackupError(
    'DATABASE_RIGHTS',
    'This login does not see every row, so its backup would have gaps.',
    'Use a login that is a superuser or has BYPASSRLS, such as the one that migrates.',
    cause,
  )
}
