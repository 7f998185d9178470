import { spawn } from 'node:child_process'
import { mkdtemp, open, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { diskFull, failed, PostgresError } from './errors.ts'
import { type Folders, handOver } from './folders.ts'

export const SUPERUSER = 'postgres'

/**
 * Makes sure that there is a database cluster of this Postgres' version, and creates an empty one if there
 * is nothing yet. It appears under its final name only when it is whole and on disk, so a crash at any
 * moment leaves either nothing or a cluster.
 * @throws PostgresError POSTGRES_VERSION_MISMATCH, DATA_FOLDER_UNREADABLE, DISK_FULL or POSTGRES_FAILED
 */
export async function ensureCluster(folders: Folders, binaries: Binaries, account: Account): Promise<void> {
  const { postgresData } = folders
  const found = await inspect(postgresData)
  if (found.kind === 'cluster') return refuseForeign(postgresData, found, binaries, account)
  if (found.kind === 'something else') {
    throw new PostgresError(
      'DATA_FOLDER_UNREADABLE',
      `${postgresData} holds files, but no Postgres data (PG_VERSION is missing).`,
      `Move ${postgresData} away to start with an empty database.`,
    )
  }
  await createCluster(folders, binaries, account)
}

type Found = { kind: 'nothing' } | { kind: 'something else' } | { kind: 'cluster'; majorVersion: string; uid: number }

async function inspect(postgresData: string): Promise<Found> {
  const names = await readdir(postgresData).catch((error): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length === 0) return { kind: 'nothing' }
  if (!names.includes('PG_VERSION')) return { kind: 'something else' }
  const majorVersion = (await readFile(join(postgresData, 'PG_VERSION'), 'utf8')).trim()
  return { kind: 'cluster', majorVersion, uid: (await stat(postgresData)).uid }
}

function refuseForeign(
  postgresData: string,
  found: { majorVersion: string; uid: number },
  binaries: Binaries,
  account: Account,
): void {
  if (found.majorVersion !== String(binaries.majorVersion)) {
    throw new PostgresError(
      'POSTGRES_VERSION_MISMATCH',
      `${postgresData} was written by Postgres ${found.majorVersion}; this is Postgres ${binaries.majorVersion}.`,
      `Start the Sluice that wrote it and export, then import here; or move ${postgresData} away to start empty.`,
    )
  }
  if (found.uid !== account.uid) {
    throw new PostgresError(
      'DATA_FOLDER_UNREADABLE',
      `${postgresData} belongs to uid ${found.uid}, but Postgres would run as ${account.label}.`,
      `Start Sluice as the user it belongs to or as root, or give it over with chown -R ${account.uid}.`,
    )
  }
}

async function createCluster(folders: Folders, binaries: Binaries, account: Account): Promise<void> {
  const { postgresData, linkFrom } = folders
  const home = dirname(postgresData)
  await removeDrafts(home, basename(postgresData))
  const draft = await mkdtemp(`${postgresData}.new-`)
  try {
    await handOver(draft, account)
    await runInitdb(draft, binaries, account)
    await syncTree(draft)
    await rename(draft, postgresData)
    if (linkFrom !== null) await symlink(postgresData, linkFrom)
    await syncPaths([home, folders.dataDir])
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

/** What a start that was killed during initdb left behind. Its initdb may still be writing for a moment. */
async function removeDrafts(home: string, name: string): Promise<void> {
  for (const entry of await readdir(home)) {
    if (!entry.startsWith(`${name}.new-`)) continue
    await rm(join(home, entry), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Three times what a busy small machine was seen to take. */
const INITDB_TIMEOUT_MS = 60_000

async function runInitdb(draft: string, binaries: Binaries, account: Account): Promise<void> {
  const child = spawn(
    binaries.initdb,
    [
      `--pgdata=${draft}`,
      `--username=${SUPERUSER}`,
      '--encoding=UTF8',
      // The same order and character classes on every machine, whatever locales it has.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      // The socket's folder decides who may connect; should TCP ever be turned on, nobody may.
      '--auth-local=trust',
      '--auth-host=reject',
      '--no-instructions',
      // One fsync after the other took 1.1 s; syncTree does the same in 0.2 s.
      '--no-sync',
    ],
    {
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: INITDB_TIMEOUT_MS,
      ...account.identity,
    },
  )
  const exit = Promise.withResolvers<number | NodeJS.Signals | null>()
  child.once('error', (error) => exit.reject(cannotRun(binaries.initdb, account, error)))
  child.once('close', (code, signal) => exit.resolve(code ?? signal))
  const [status, stderr] = await Promise.all([exit.promise, text(child.stderr)])
  if (status === 0) return
  if (/No space left on device|Disk quota exceeded/.test(stderr)) throw diskFull(dirname(draft))
  throw failed(
    `Postgres could not create its data in ${dirname(draft)} as ${account.label} (initdb ended with ${status}).`,
    'The lines above name the cause.',
    stderr.trim().split('\n').slice(-5),
  )
}

/**
 * What the server and initdb get to see of our environment: nothing that would point them to another
 * server or data folder (PGDATA, PGOPTIONS, PGPORT …), and a locale that exists everywhere.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
}

export function cannotRun(program: string, account: Account, cause: NodeJS.ErrnoException): PostgresError {
  return failed(
    `${program} cannot be run as ${account.label}: ${cause.message}.`,
    'Start Sluice as an ordinary user, or point DATABASE_URL at a Postgres of your own.',
  )
}

/** Brings a folder with all it holds to disk. */
async function syncTree(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true })
  await syncPaths([root, ...entries.map((entry) => join(root, entry))])
}

/** Node's file operations run on four threads, and a file system commits what comes together at once. */
const SYNCS_AT_ONCE = 4

async function syncPaths(paths: readonly string[]): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const handle = await open(path, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    }
  }
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, worker))
}
