import { createHash } from 'node:crypto'
import { access, chmod, chown, constants, lstat, mkdir, mkdtemp, readlink, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Account, firstClosedFolder } from './account.ts'
import { PostgresError } from './errors.ts'

/** Where the embedded Postgres keeps what it has. */
export interface Folders {
  /** The caller's data folder: the lock, the server's log, and the name `postgres`. */
  dataDir: string
  /** Postgres' own data: `<dataDir>/postgres`, or where that name links to. */
  postgresData: string
  /** Holds the data, and a copy of the binaries if one is needed. The account can reach it. */
  home: string
  /** Set where `<dataDir>/postgres` has yet to become a link to the data. */
  linkFrom: string | null
}

/** Creates the caller's data folder if need be and proves that we can work in it. */
export async function openDataDir(path: string): Promise<string> {
  await makeFolder(path)
  const dataDir = await realpath(path)
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  return dataDir
}

/** Node's own recursive mkdir never ends where a folder is there that takes no folders, such as /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o711 })
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await mkdir(path, { mode: 0o711 }).catch((again: unknown) => {
      throw hasCode(again, 'ENOENT') ? takesNoFolders(path, again) : again
    })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function takesNoFolders(path: string, cause: unknown): PostgresError {
  return new PostgresError(
    'DATA_FOLDER_UNREADABLE',
    `The data folder ${path} cannot be made: ${dirname(path)} takes no folders.`,
    'Choose another data folder.',
    cause,
  )
}

/** Owner of the Postgres data in a data folder, or null if there is none yet. */
export async function dataOwnerUid(dataDir: string): Promise<number | null> {
  const data = await statOrNull(join(dataDir, 'postgres'))
  return data === null ? null : data.uid
}

/**
 * Decides where the data lives. As root, Postgres runs as another user, who may be unable to enter the
 * data folder (root's home is closed to everyone else). The folder itself is ours and is opened for
 * passing through; the folders above it are not, so the data then goes below `fallbackDir`, and
 * `<dataDir>/postgres` becomes a link that leads there. The name is new each time: a data folder that was
 * deleted must not find its old database again.
 */
export async function chooseFolders(
  dataDir: string,
  account: Account,
  fallbackDir: string,
  log: (line: string) => void,
): Promise<Folders> {
  const inPlace = join(dataDir, 'postgres')
  const known = await lstatOrNull(inPlace)
  if (known?.isSymbolicLink()) {
    const postgresData = await followLink(inPlace)
    return { dataDir, postgresData, home: dirname(postgresData), linkFrom: null }
  }

  if ((await firstClosedFolder(dataDir, account)) === dataDir) {
    await chmod(dataDir, ((await stat(dataDir)).mode & 0o777) | 0o011)
    log(`Opened ${dataDir} for passing through, because Postgres runs as ${account.label}.`)
  }
  const closed = await firstClosedFolder(dataDir, account)
  if (closed === null) return { dataDir, postgresData: inPlace, home: dataDir, linkFrom: null }
  if (known !== null) throw outOfReach(inPlace, closed, account)

  await mkdir(fallbackDir, { recursive: true, mode: 0o711 })
  const alsoClosed = await firstClosedFolder(await realpath(fallbackDir), account)
  if (alsoClosed !== null) throw outOfReach(fallbackDir, alsoClosed, account)
  const name = basename(dataDir).replace(/^\.+/, '') // .sluice: whoever looks for the data should see it
  const home = await mkdtemp(join(await realpath(fallbackDir), `${name}-`))
  await chmod(home, 0o711)
  log(`Postgres runs as ${account.label}, who cannot enter ${closed}: its data goes to ${home}.`)
  return { dataDir, postgresData: join(home, 'postgres'), home, linkFrom: inPlace }
}

/** macOS allows 103 bytes for a socket's path, Linux 107. */
const LONGEST_SOCKET_PATH_BYTES = 100

/**
 * Makes the private folder for the socket: beside the data, or below the system's temporary folder where
 * that path would be too long. Only its owner may enter, which is what lets us trust whoever connects.
 */
export async function openSocketDir(home: string, socketFile: string, account: Account): Promise<string> {
  const beside = join(home, 'socket')
  const fits = Buffer.byteLength(join(beside, socketFile)) <= LONGEST_SOCKET_PATH_BYTES
  const socketDir = fits ? beside : join(await realpath(tmpdir()), `sluice-${shortHash(home)}`)

  await mkdir(socketDir, { recursive: true, mode: 0o700 })
  const { uid } = await lstat(socketDir)
  const ours = uid === account.uid || uid === process.getuid?.()
  if (!ours || !(await lstat(socketDir)).isDirectory()) throw foreignSocketDir(socketDir)
  await chmod(socketDir, 0o700)
  await handOver(socketDir, account)
  return socketDir
}

/** Gives a path to the account, if that is someone else. */
export async function handOver(path: string, account: Account): Promise<void> {
  if ('uid' in account.identity) await chown(path, account.uid, account.gid)
}

async function followLink(link: string): Promise<string> {
  const target = await readlink(link)
  if ((await statOrNull(target)) !== null) return realpath(link)
  // Starting empty here would look as if the data were lost, when perhaps a disk is not mounted.
  throw new PostgresError(
    'DATA_FOLDER_UNREADABLE',
    `${link} leads to ${target}, which is not there.`,
    `Bring ${target} back, or remove the link ${link} to start with an empty database.`,
  )
}

function outOfReach(path: string, closed: string, account: Account): PostgresError {
  return new PostgresError(
    'DATA_FOLDER_UNREADABLE',
    `Postgres would run as ${account.label}, who cannot reach ${path}, because ${closed} is closed to others.`,
    'Choose a data folder outside of it, such as /var/lib/sluice, or start Sluice as an ordinary user.',
  )
}

function foreignSocketDir(socketDir: string): PostgresError {
  return new PostgresError(
    'DATA_FOLDER_UNREADABLE',
    `${socketDir}, the folder for Postgres' socket, belongs to another user.`,
    'Remove it, or choose a data folder with a shorter path, which then holds the socket itself.',
  )
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

async function statOrNull(path: string) {
  return stat(path).catch(nullIfAbsent)
}

async function lstatOrNull(path: string) {
  return lstat(path).catch(nullIfAbsent)
}

function nullIfAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
