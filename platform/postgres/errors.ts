/**
 * What can keep the embedded Postgres from starting, as far as a person can mend it.
 * Codes are stable, callers branch on them; message and fix are for people and may improve.
 */
export type PostgresErrorCode =
  | 'DATA_FOLDER_UNREADABLE'
  | 'DATA_FOLDER_IN_USE'
  | 'DISK_FULL'
  | 'POSTGRES_BINARIES_MISSING'
  | 'POSTGRES_VERSION_MISMATCH'
  | 'POSTGRES_FAILED'

export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly code: PostgresErrorCode
  /** What the reader can do about it, as an instruction. */
  readonly fix: string

  constructor(code: PostgresErrorCode, message: string, fix: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.fix = fix
  }
}

/** A file system error of the data folder as a PostgresError; any other error comes back as it is. */
export function fromFileSystem(error: unknown, dataDir: string): unknown {
  if (!isFileSystemError(error)) return error
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return diskFull(dataDir, error)
  return new PostgresError(
    'DATA_FOLDER_UNREADABLE',
    `The data folder ${dataDir} cannot be used: ${error.message}.`,
    'Choose another data folder, or give the user that starts Sluice the right to read and write this one.',
    error,
  )
}

export function diskFull(dataDir: string, cause?: unknown): PostgresError {
  return new PostgresError(
    'DISK_FULL',
    `The disk that holds ${dataDir} is full, so Postgres cannot run.`,
    'Free some space there (an empty database needs about 80 MB) and start again; what was committed is kept.',
    cause,
  )
}

export function failed(message: string, fix: string, lastLines: readonly string[] = []): PostgresError {
  const said = lastLines.length > 0 ? ` It said:\n${lastLines.map((line) => `  ${line}`).join('\n')}` : ''
  return new PostgresError('POSTGRES_FAILED', `${message}${said}`, fix)
}

const FOLDER_FAULTS = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EIO'])

function isFileSystemError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error)) return false
  return FOLDER_FAULTS.has(String(error.code)) || error.code === 'ENOSPC' || error.code === 'EDQUOT'
}
