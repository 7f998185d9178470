import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { diskFull, failed, PostgresError } from './errors.ts'

/** The file that Postgres writes to; opened by us, so it works even where Postgres' user cannot go. */
export interface ServerLog {
  path: string
  descriptor: number
  /** From here on `linesSince` reads: pass what `sizeBytes` gave before an attempt. */
  sizeBytes(): Promise<number>
  linesSince(offsetBytes: number): Promise<string[]>
  close(): Promise<void>
}

/** A longer log is put aside as `postgres.log.1` at the next start. */
const ROTATE_AFTER_BYTES = 16 * 1024 * 1024

export async function openServerLog(path: string): Promise<ServerLog> {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  )
  if (size > ROTATE_AFTER_BYTES) await rename(path, `${path}.1`)
  const file = await open(path, 'a+', 0o600)
  return {
    path,
    descriptor: file.fd,
    sizeBytes: async () => (await file.stat()).size,
    linesSince: (offsetBytes) => readLines(file, offsetBytes),
    close: () => file.close(),
  }
}

/** More than any start writes before it gives up. */
const READ_AT_MOST_BYTES = 64 * 1024

async function readLines(file: FileHandle, offsetBytes: number): Promise<string[]> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_AT_MOST_BYTES), 0, READ_AT_MOST_BYTES, offsetBytes)
  return buffer
    .toString('utf8', 0, bytesRead)
    .split('\n')
    .filter((line) => line !== '')
}

export interface Diagnosis {
  error: PostgresError
  /** The cause goes away by itself within seconds: what is left of a killed server. */
  passing: boolean
}

/** Why a server that has ended did so, by what it wrote. */
export function diagnose(lines: readonly string[], postgresData: string): Diagnosis {
  const said = lines.join('\n')
  const last = lines.slice(-5)
  if (/No space left on device|Disk quota exceeded/.test(said)) return { error: diskFull(postgresData), passing: false }
  if (/lock file ".*" already exists|pre-existing shared memory block/.test(said)) {
    const error = failed(
      `Another Postgres still holds ${postgresData}.`,
      'Stop it, or choose another data folder.',
      last,
    )
    return { error, passing: true }
  }
  if (/database files are incompatible with server/.test(said)) {
    const error = new PostgresError(
      'POSTGRES_VERSION_MISMATCH',
      `${postgresData} was written by a Postgres that this one cannot follow:\n${last.join('\n')}`,
      `Start the Sluice that wrote it and export, then import here; or move ${postgresData} away to start empty.`,
    )
    return { error, passing: false }
  }
  if (/Permission denied|has (wrong ownership|invalid permissions)|Read-only file system/.test(said)) {
    const error = new PostgresError(
      'DATA_FOLDER_UNREADABLE',
      `Postgres cannot use ${postgresData}:\n${last.join('\n')}`,
      'Give the user it runs as its files back (owner and mode 0700), or choose another data folder.',
    )
    return { error, passing: false }
  }
  const error = failed('Postgres did not start.', 'The lines above name the cause.', last)
  return { error, passing: false }
}
