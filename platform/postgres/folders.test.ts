import { chmod, chown, lstat, mkdir, readlink, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, describe, onTestFinished, test } from 'vitest'
import { type Account, chooseAccount, firstClosedFolder, parsePasswd } from './account.ts'
import { openSocketDir } from './folders.ts'
import { startPostgres } from './launcher.ts'
import { freshDataDir, isRoot, query, socketOf, start } from './testkit/processes.ts'

const someone: Account = { uid: 4242, gid: 4243, label: 'someone (uid 4242)', identity: { uid: 4242, gid: 4243 } }

describe('the user that Postgres runs as', () => {
  test('is never root', async () => {
    assert.notEqual((await chooseAccount(null)).uid, 0)
    assert.notEqual((await chooseAccount(0)).uid, 0)
  })

  test.runIf(isRoot)('is, for root, the owner of the data that is there', async () => {
    assert.equal((await chooseAccount(4242)).uid, 4242)
  })

  test.runIf(!isRoot)('is whoever starts it', async () => {
    const { uid, identity } = await chooseAccount(4242)
    assert.deepEqual({ uid, identity }, { uid: process.getuid?.(), identity: {} })
  })

  test('is read from lines of the system’s user file, whatever else stands there', () => {
    const text = 'root:x:0:0:root:/root:/bin/sh\n# a comment\nnobody:*:-2:-2:Nobody:/:/usr/bin/false\n\n'
    assert.deepEqual(parsePasswd(text), [
      { name: 'root', uid: 0, gid: 0 },
      { name: 'nobody', uid: 4294967294, gid: 4294967294 },
    ])
  })
})

describe('the way to the data', () => {
  test('is open when every folder on it may be entered', async () => {
    assert.isNull(await firstClosedFolder(await freshDataDir(), someone))
  })

  test('ends at the first folder that is closed', async () => {
    const top = await freshDataDir()
    const closed = join(top, 'closed')
    await mkdir(join(closed, 'open'), { recursive: true })
    await chmod(closed, 0o700)
    assert.equal(await firstClosedFolder(join(closed, 'open'), someone), closed)
  })

  test.runIf(isRoot)('goes by the rights of owner, group or others, whichever the user is', async () => {
    const folder = await freshDataDir()
    const cases = [
      { owner: [4242, 1], mode: 0o100, want: null },
      { owner: [4242, 1], mode: 0o011, want: folder },
      { owner: [1, 4243], mode: 0o010, want: null },
      { owner: [1, 4243], mode: 0o101, want: folder },
      { owner: [1, 1], mode: 0o001, want: null },
      { owner: [1, 1], mode: 0o110, want: folder },
    ] as const
    for (const { owner, mode, want } of cases) {
      await chown(folder, owner[0], owner[1])
      await chmod(folder, mode)
      assert.equal(await firstClosedFolder(folder, someone), want, `owner ${owner}, mode ${mode.toString(8)}`)
    }
  })
})

describe.runIf(isRoot)('as root, with a data folder that Postgres’ user cannot enter', () => {
  test('the data folder itself is opened for passing through, for it is ours', async () => {
    const dataDir = await freshDataDir()
    await chmod(dataDir, 0o700)
    const lines: string[] = []
    await start({ dataDir, log: (line) => lines.push(line) })
    assert.equal((await stat(dataDir)).mode & 0o777, 0o711)
    assert.include(lines[0], dataDir)
    assert.isTrue((await lstat(join(dataDir, 'postgres'))).isDirectory())
  })

  test('a closed folder above it is left alone: the data goes elsewhere, and says where', async () => {
    const { home, dataDir, fallbackDir } = await closedHome()
    const lines: string[] = []
    const first = await start({ dataDir, fallbackDir, log: (line) => lines.push(line) })
    assert.equal((await stat(home)).mode & 0o777, 0o700)
    const target = await readlink(join(dataDir, 'postgres'))
    assert.isTrue(target.startsWith(`${fallbackDir}/`))
    assert.match(lines[0] ?? '', new RegExp(`uid .*${home}.*${fallbackDir}`))
    await query(socketOf(first), 'create table kept as select 1 as n')
    await first.stop()

    const second = await start({ dataDir, fallbackDir })
    assert.deepEqual(await query(socketOf(second), 'select n from kept'), [{ n: 1 }])
    assert.equal(await readlink(join(dataDir, 'postgres')), target)
  })

  test('a data folder that was deleted does not find its old data again', async () => {
    const { dataDir, fallbackDir } = await closedHome()
    const first = await start({ dataDir, fallbackDir })
    await query(socketOf(first), 'create table kept as select 1 as n')
    await first.stop()
    await rm(dataDir, { recursive: true })

    const second = await start({ dataDir, fallbackDir })
    assert.deepEqual(await query(socketOf(second), `select to_regclass('kept') as kept`), [{ kept: null }])
  })

  test('an elsewhere that is closed too is refused, with the folder and the user named', async () => {
    const { home, dataDir } = await closedHome()
    const error = await startPostgres({ dataDir, fallbackDir: join(home, 'fallback') }).catch((reason) => reason)
    assert.equal(error.code, 'DATA_FOLDER_UNREADABLE')
    assert.include(error.message, home)
    assert.match(error.message, /uid \d+/)
  })
})

describe('the socket’s folder', () => {
  test.runIf(isRoot)('of another user is refused, since whoever owns it could answer in our name', async () => {
    const home = join(await freshDataDir(), 'deep'.repeat(30))
    await mkdir(home)
    const account = await chooseAccount(null)
    const socketDir = await openSocketDir(home, '.s.PGSQL.5432', account)
    onTestFinished(() => rm(socketDir, { recursive: true }))
    await chown(socketDir, someone.uid, someone.gid)
    const error = await openSocketDir(home, '.s.PGSQL.5432', account).catch((reason) => reason)
    assert.equal(error.code, 'DATA_FOLDER_UNREADABLE')
    assert.include(error.message, socketDir)
  })

  test('is closed to others even if it was open', async () => {
    const home = await freshDataDir()
    await mkdir(join(home, 'socket'), { mode: 0o777 })
    const socketDir = await openSocketDir(home, '.s.PGSQL.5432', await chooseAccount(null))
    assert.equal((await stat(socketDir)).mode & 0o777, 0o700)
  })
})

async function closedHome(): Promise<{ home: string; dataDir: string; fallbackDir: string }> {
  const top = await freshDataDir()
  const home = join(top, 'home')
  await mkdir(home)
  await chmod(home, 0o700)
  return { home, dataDir: join(home, 'sluice'), fallbackDir: join(top, 'elsewhere') }
}
