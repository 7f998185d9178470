import { chown, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, describe, test } from 'vitest'
import { freshDataDir, holdStarted, isRoot, query, socketOf, start, untilAsleep } from './testkit/processes.ts'

describe('the embedded Postgres', () => {
  test('starts on an empty folder: in UTF-8, sorted alike on every machine, durable, on a private socket', async () => {
    const dataDir = await freshDataDir()
    const lines: string[] = []
    const server = await start({ dataDir, settings: { work_mem: '7MB' }, log: (line) => lines.push(line) })

    const [database] = await query(
      socketOf(server),
      `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale
         from pg_database where datname = current_database()`,
    )
    assert.deepEqual(database, { encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' })

    const settings = await query(
      socketOf(server),
      `select name || '=' || setting as line from pg_settings
        where name in ('fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit', 'work_mem') order by name`,
    )
    assert.deepEqual(
      settings.map(({ line }) => line),
      ['fsync=on', 'full_page_writes=on', 'listen_addresses=', 'synchronous_commit=on', `work_mem=${7 * 1024}`],
    )
    assert.equal((await stat(server.host)).mode & 0o777, 0o700)

    assert.match(lines.at(-1) ?? '', /runs as \S+ \(uid [1-9]\d*\)/)
    assert.include(lines.at(-1), join(dataDir, 'postgres'))
  })

  test('creates data folders that are missing', async () => {
    const dataDir = await freshDataDir()
    const server = await start({ dataDir: join(dataDir, 'missing', 'too') })
    assert.deepEqual(await query(socketOf(server), 'select 1 as one'), [{ one: 1 }])
  })

  test('keeps its data from one start to the next', async () => {
    const dataDir = await freshDataDir()
    const first = await start({ dataDir })
    await query(socketOf(first), 'create table kept as select 42 as answer')
    await first.stop()

    const second = await start({ dataDir })
    assert.deepEqual(await query(socketOf(second), 'select answer from kept'), [{ answer: 42 }])
    assert.isFalse(second.replacedOrphan)
  })

  test('has its socket below the temporary folder where the path would be too long', async () => {
    const dataDir = await freshDataDir()
    const server = await start({ dataDir: join(dataDir, 'deep'.repeat(30)) })
    assert.isAtMost(Buffer.byteLength(socketOf(server).socketDir), 85)
    assert.deepEqual(await query(socketOf(server), 'select 1 as one'), [{ one: 1 }])
  })

  test('has its socket beside the data though the folder has a comma and a space in its name', async () => {
    const parent = await freshDataDir()
    const server = await start({ dataDir: join(parent, 'a, "b"') })
    assert.deepEqual(await query(socketOf(server), 'select 1 as one'), [{ one: 1 }])
  })

  test('cuts open transactions on stop, and a second stop changes nothing', async () => {
    const dataDir = await freshDataDir()
    const server = await start({ dataDir })
    await query(socketOf(server), 'create table written (n int)')
    const open = query(socketOf(server), 'begin; insert into written values (1); select pg_sleep(60)')
    const cut = open.then(
      () => 'finished',
      () => 'cut',
    )
    await untilAsleep(socketOf(server))
    await Promise.all([server.stop(), server.stop()])
    assert.equal(await cut, 'cut')
    assert.isNull(await server.ended)

    const again = await start({ dataDir })
    assert.deepEqual(await query(socketOf(again), 'select n from written'), [])
  })

  test.runIf(isRoot)('runs for an ordinary user as that user', async () => {
    const dataDir = await freshDataDir()
    const nobody = { uid: 65534, gid: 65534 }
    await chown(dataDir, nobody.uid, nobody.gid)
    const { process: holder, report } = await holdStarted(dataDir, { identity: nobody })
    const [row] = await query(report, `select (pg_stat_file('PG_VERSION')).size > 0 as readable`)
    assert.deepEqual(row, { readable: true })
    assert.equal((await stat(join(dataDir, 'postgres'))).uid, nobody.uid)
    holder.send('stop')
  })
})
