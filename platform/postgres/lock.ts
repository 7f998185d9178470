import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PostgresError } from './errors.ts'

export interface DataFolderLock {
  release(): void
}

/**
 * Makes this process the only one that runs on a data folder.
 *
 * Node has no flock. An empty SQLite database in an exclusive transaction holds the kernel's record
 * locks on its file: they vanish with the process however it ends, so there is no stale lock to judge
 * and no race in taking one over. Nothing is ever written to the file.
 * Do not open `lock` elsewhere in this process: closing any descriptor of it would drop the locks.
 *
 * @throws PostgresError DATA_FOLDER_IN_USE or DATA_FOLDER_UNREADABLE
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const ownerFile = join(dataDir, 'lock.owner')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    throw isBusy(error) ? inUse(dataDir, ownerFile) : cannotLock(dataDir, error)
  }
  const locked = database
  held.add(locked)
  signOwner(ownerFile)
  return {
    release() {
      if (held.delete(locked)) locked.close()
    },
  }
}

/** Collecting an unreferenced database would close it and give up the lock. */
const held = new Set<DatabaseSync>()

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

function inUse(dataDir: string, ownerFile: string): PostgresError {
  const owner = readOwner(ownerFile)
  const who = owner === null ? 'another process' : `process ${owner}`
  return new PostgresError(
    'DATA_FOLDER_IN_USE',
    `The data folder ${dataDir} is in use by ${who}.`,
    owner === null
      ? 'Stop it, or choose another data folder.'
      : `Stop process ${owner}, or choose another data folder.`,
  )
}

function cannotLock(dataDir: string, cause: unknown): PostgresError {
  return new PostgresError(
    'DATA_FOLDER_UNREADABLE',
    `The file ${join(dataDir, 'lock')} cannot be locked: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'Start Sluice as the user that owns the data folder, or choose another data folder on a local disk.',
    cause,
  )
}

/** Only a refusal reads it, to name the owner, so a full disk must not keep us from locking. */
function signOwner(ownerFile: string): void {
  try {
    writeFileSync(ownerFile, `${process.pid}\n`)
  } catch {
    // The refusal then speaks of "another process".
  }
}

function readOwner(ownerFile: string): string | null {
  try {
    return /^\d+$/m.exec(readFileSync(ownerFile, 'utf8'))?.[0] ?? null
  } catch {
    return null // the owner has locked but not yet signed
  }
}
