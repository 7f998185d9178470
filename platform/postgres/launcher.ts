import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseAccount } from './account.ts'
import { prepareBinaries } from './binaries.ts'
import { ensureCluster, SUPERUSER } from './cluster.ts'
import { fromFileSystem, type PostgresError } from './errors.ts'
import { chooseFolders, dataOwnerUid, openDataDir, openSocketDir } from './folders.ts'
import { lockDataFolder } from './lock.ts'
import { socketDirOf } from './postmaster.ts'
import { runServer } from './server.ts'
import { commandLineSettings } from './settings.ts'

export interface PostgresOptions {
  /** Folder of everything that must outlive a restart; the database goes into `postgres` in it. */
  dataDir: string
  /** Hears what a person should know: the user and folders in use, what was cleaned up. */
  log?: (line: string) => void
  /** Server settings over the tuned ones, by Postgres' names. */
  settings?: Record<string, string>
  /** For root alone: where data goes that Postgres' user could not reach in `dataDir`. */
  fallbackDir?: string
}

export interface EmbeddedPostgres {
  /** The socket's folder: what libpq and psql take as host. */
  host: string
  /** Part of the socket's name; nothing listens on the network. */
  port: number
  superuser: string
  /** No password: who can enter the socket's folder is trusted. */
  connectionOptions(user: string, database: string): SocketAddress
  /** Ends all sessions and the server, cleanly, and gives the data folder free. Later calls wait for the first. */
  stop(): Promise<void>
  pid: number
  /** An earlier run was killed and its server still ran; it was stopped and its data taken over. */
  replacedOrphan: boolean
  /** Settles when the server has ended: with null after `stop`, with the reason if it ended by itself. */
  ended: Promise<PostgresError | null>
}

/** What a client needs for it. */
export interface SocketAddress {
  host: string
  port: number
  user: string
  database: string
}

/**
 * Starts Postgres on a data folder and resolves when it takes connections.
 *
 * The server gets a session of its own, so a Ctrl-C in the terminal reaches only us and we stop it last.
 * If we are killed it lives on; the next start stops it, so that no session of the dead run can still
 * commit behind our back.
 *
 * @throws PostgresError, see PostgresErrorCode
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await startLocked(options)
  } catch (error) {
    throw fromFileSystem(error, options.dataDir)
  }
}

/**
 * The server that another process runs on a data folder, for what goes on beside it: a backup.
 * @returns for its superuser; null where none runs
 */
export async function runningServer(dataDir: string): Promise<SocketAddress | null> {
  const postgresData = await realpath(join(dataDir, 'postgres')).catch(() => null)
  const socketDir = postgresData === null ? null : await socketDirOf(postgresData)
  return socketDir === null ? null : { host: socketDir, port: PORT, user: SUPERUSER, database: 'postgres' }
}

const PORT = 5432
const SOCKET_FILE = `.s.PGSQL.${PORT}`
const DEFAULT_FALLBACK_DIR = '/var/lib/sluice'

async function startLocked(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {})
  const dataDir = await openDataDir(options.dataDir)
  const lock = lockDataFolder(dataDir)
  try {
    const account = await chooseAccount(await dataOwnerUid(dataDir))
    const folders = await chooseFolders(dataDir, account, options.fallbackDir ?? DEFAULT_FALLBACK_DIR, log)
    const binaries = await prepareBinaries(account, folders.home)
    await ensureCluster(folders, binaries, account)
    const socketDir = await openSocketDir(folders.home, SOCKET_FILE, account)
    const server = await runServer({
      binaries,
      account,
      socketDir,
      postgresData: folders.postgresData,
      logPath: join(dataDir, 'postgres.log'),
      settings: commandLineSettings(options.settings ?? {}, { socketDir, port: PORT }),
      log,
    })
    log(`Postgres ${binaries.version} runs as ${account.label} on ${folders.postgresData}, socket in ${socketDir}.`)
    return {
      host: socketDir,
      port: PORT,
      superuser: SUPERUSER,
      connectionOptions: (user, database) => ({ host: socketDir, port: PORT, user, database }),
      pid: server.pid,
      replacedOrphan: server.replacedOrphan,
      ended: server.ended,
      stop: () => server.stop().finally(lock.release),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
