import { chmod, chown, mkdir, readFile, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, describe, test } from 'vitest'
import { PostgresError } from './errors.ts'
import { type PostgresOptions, startPostgres } from './launcher.ts'
import { freshDataDir, hold, holdStarted, isRoot, kill, query, socketOf, start } from './testkit/processes.ts'
import { smallDisk } from './testkit/smallDisk.ts'

const nobody = { uid: 65534, gid: 65534 }

async function refusal(options: PostgresOptions): Promise<PostgresError> {
  const outcome = await startPostgres(options).catch((error: unknown) => error)
  assert.instanceOf(outcome, PostgresError)
  assert.isNotEmpty(outcome.fix)
  return outcome
}

describe('a data folder in use', () => {
  test('is refused to a second program, which learns who has it', async () => {
    const dataDir = await freshDataDir()
    const { process: owner, report } = await holdStarted(dataDir)
    const error = await refusal({ dataDir })
    assert.equal(error.code, 'DATA_FOLDER_IN_USE')
    assert.include(error.message, String(owner.pid))
    assert.deepEqual(await query(report, 'select 1 as one'), [{ one: 1 }], 'the owner is undisturbed')
  })

  test('is refused to a second start in the same program', async () => {
    const dataDir = await freshDataDir()
    await start({ dataDir })
    assert.equal((await refusal({ dataDir })).code, 'DATA_FOLDER_IN_USE')
  })

  test('goes to exactly one of two that start at once', async () => {
    const dataDir = await freshDataDir()
    const reports = await Promise.all([hold(dataDir).report, hold(dataDir).report])
    assert.sameMembers(
      reports.map((report) => (report.kind === 'refused' ? report.code : report.kind)),
      ['started', 'DATA_FOLDER_IN_USE'],
    )
  })

  test('is free again once its owner has stopped', async () => {
    const dataDir = await freshDataDir()
    await (await start({ dataDir })).stop()
    await start({ dataDir })
  })

  test('is free again once its owner was killed, even before it had started', async () => {
    const dataDir = await freshDataDir()
    const { process: owner } = hold(dataDir)
    await kill(owner, 'SIGKILL')
    await start({ dataDir })
  })
})

describe('a data folder that cannot be used', () => {
  test.runIf(process.platform === 'linux')('is in a place that takes no folders', async () => {
    for (const dataDir of ['/proc/sluice', '/proc/sluice/data']) {
      const { code, message } = await refusal({ dataDir })
      assert.equal(code, 'DATA_FOLDER_UNREADABLE')
      assert.include(message, '/proc/sluice')
    }
  })

  test('is a file', async () => {
    const file = join(await freshDataDir(), 'file')
    await writeFile(file, '')
    assert.equal((await refusal({ dataDir: file })).code, 'DATA_FOLDER_UNREADABLE')
    assert.equal((await refusal({ dataDir: join(file, 'below') })).code, 'DATA_FOLDER_UNREADABLE')
  })

  test('holds other files where the database would go; they stay as they are', async () => {
    const dataDir = await freshDataDir()
    await mkdir(join(dataDir, 'postgres'))
    await writeFile(join(dataDir, 'postgres', 'letter.txt'), 'dear')
    assert.equal((await refusal({ dataDir })).code, 'DATA_FOLDER_UNREADABLE')
    assert.equal(await readFile(join(dataDir, 'postgres', 'letter.txt'), 'utf8'), 'dear')
  })

  test('leads to a database that is not there: nothing empty takes its place', async () => {
    const dataDir = await freshDataDir()
    await symlink('/nowhere/sluice/postgres', join(dataDir, 'postgres'))
    const error = await refusal({ dataDir })
    assert.equal(error.code, 'DATA_FOLDER_UNREADABLE')
    assert.include(error.message, '/nowhere/sluice/postgres')
  })

  test('was written by another major version of Postgres', async () => {
    const dataDir = await freshDataDir()
    await (await start({ dataDir })).stop()
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n')
    const error = await refusal({ dataDir })
    assert.equal(error.code, 'POSTGRES_VERSION_MISMATCH')
    assert.include(error.message, 'Postgres 17')
    assert.include(error.message, 'Postgres 18')

    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '18\n')
    await start({ dataDir })
  })

  test('lost a file of the database: the last lines of the log say which', async () => {
    const dataDir = await freshDataDir()
    await (await start({ dataDir })).stop()
    await rm(join(dataDir, 'postgres', 'global', 'pg_control'))
    const error = await refusal({ dataDir })
    assert.equal(error.code, 'POSTGRES_FAILED')
    assert.include(error.message, 'pg_control')
  })

  test.runIf(isRoot)('is closed to the user that starts Sluice', async () => {
    const dataDir = await freshDataDir()
    await chmod(dataDir, 0o700)
    const report = await hold(dataDir, { identity: nobody }).report
    assert.equal(report.kind === 'refused' && report.code, 'DATA_FOLDER_UNREADABLE')
  })

  test.runIf(isRoot)('was begun by another user', async () => {
    const dataDir = await freshDataDir()
    await (await start({ dataDir })).stop()
    await chmod(dataDir, 0o777)
    const locked = await hold(dataDir, { identity: nobody }).report
    assert.equal(locked.kind === 'refused' && locked.code, 'DATA_FOLDER_UNREADABLE')

    await rm(join(dataDir, 'lock'))
    await rm(join(dataDir, 'lock.owner'))
    const unlocked = await hold(dataDir, { identity: nobody }).report
    assert.equal(unlocked.kind === 'refused' && unlocked.code, 'DATA_FOLDER_UNREADABLE')
  })

  test.runIf(isRoot)('was copied by root, so that its files are no longer the server’s', async () => {
    const dataDir = await freshDataDir()
    await (await start({ dataDir })).stop()
    await chown(join(dataDir, 'postgres'), 0, 0)
    const error = await refusal({ dataDir })
    assert.equal(error.code, 'DATA_FOLDER_UNREADABLE')
    assert.match(error.fix, /chown/)
  })
})

describe('a full disk', () => {
  test('is named when there is no room for a first database, and leaves nothing behind', async (t) => {
    const dataDir = await smallDisk(t, 20)
    assert.equal((await refusal({ dataDir })).code, 'DISK_FULL')
    const { bavail, bsize } = await statfs(dataDir)
    assert.isAbove(bavail * bsize, 19e6)
  })

  test('that fills up under a running server loses nothing committed', async (t) => {
    const dataDir = await smallDisk(t, 150)
    const first = await start({ dataDir })
    await query(socketOf(first), 'create table kept as select 1 as n')
    const filler = join(dataDir, 'filler')
    await writeFile(filler, Buffer.alloc(150e6)).catch(() => {})

    // The next log segment finds no room, on which Postgres must stop.
    const refused = await query(socketOf(first), 'select pg_switch_wal(); create table lost as select 2').catch(
      () => 'refused',
    )
    assert.equal(refused, 'refused')
    assert.equal((await first.ended)?.code, 'DISK_FULL')
    await first.stop()
    assert.equal((await refusal({ dataDir })).code, 'DISK_FULL')

    await rm(filler)
    const second = await start({ dataDir })
    assert.deepEqual(await query(socketOf(second), 'select n from kept'), [{ n: 1 }])
  })
})
