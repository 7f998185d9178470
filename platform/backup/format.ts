import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { SubgraphName } from '../link/protocol.ts'

/** A backup is a folder: this file, and a file for each table with what COPY writes of it, compressed. */
export const MANIFEST_FILE = 'manifest.json'
export const FORMAT = 1

export interface Manifest {
  format: typeof FORMAT
  /** RFC 3339, wall time. */
  createdAt: string
  /** The server's, such as `18.1`. */
  postgres: string
  /** Tag of the last migration of each schema. */
  schemas: Record<SubgraphName, string>
  /** In an order in which no row refers to one that comes later. */
  tables: BackedUpTable[]
  /** Where the sequences stood, by qualified name; absent where nothing had been drawn. */
  sequences: Record<string, string>
}

export interface BackedUpTable {
  schema: SubgraphName
  name: string
  columns: string[]
  file: string
  rows: number
  bytes: number
  sha256: string
}

/** What stands in the way of a backup or a restore, as far as a person can mend it. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code: BackupErrorCode
  readonly fix: string
  constructor(code: BackupErrorCode, message: string, fix: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.fix = fix
  }
}
export type BackupErrorCode =
  | 'BACKUP_EXISTS'
  | 'BACKUP_UNREADABLE'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_NEWER'
  | 'NOTHING_TO_BACK_UP'
  | 'DATABASE_NOT_EMPTY'
  | 'DATABASE_RIGHTS'

/** @throws BackupError BACKUP_UNREADABLE or BACKUP_NEWER */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_FILE)
  let manifest: Partial<Manifest>
  try {
    manifest = JSON.parse(await readFile(path, 'utf8')) as Partial<Manifest>
  } catch (error) {
    throw new BackupError(
      'BACKUP_UNREADABLE',
      `${folder} is no backup: ${path} cannot be read.`,
      'Name a folder that `sluice backup` has made.',
      error,
    )
  }
  if (manifest.format === FORMAT) return manifest as Manifest
  throw new BackupError(
    'BACKUP_NEWER',
    `The backup in ${folder} has format ${manifest.format}; this program reads ${FORMAT}.`,
    'Restore it with the version of Sluice that made it.',
  )
}

/** Reads every file to its end. @throws BackupError BACKUP_DAMAGED */
export async function verifyFiles(folder: string, { tables }: Manifest): Promise<void> {
  for (const { file, sha256 } of tables) {
    const found = await digestOf(join(folder, file)).catch((error: Error) => error.message)
    if (found === sha256) continue
    throw new BackupError(
      'BACKUP_DAMAGED',
      `${file} in ${folder} is not what was backed up (${found}).`,
      'Take another copy of this backup, or another backup. Nothing has been restored.',
    )
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
