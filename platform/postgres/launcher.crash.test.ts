import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { assert, describe, onTestFinished, test } from 'vitest'
import { findPostmaster, holdsWithin } from './postmaster.ts'
import {
  freshDataDir,
  hold,
  holdStarted,
  isRoot,
  kill,
  killPostmaster,
  query,
  socketOf,
  start,
  untilAsleep,
} from './testkit/processes.ts'

describe('the embedded Postgres after a crash', () => {
  test('kill -9 of the program: the next start stops the server left behind and keeps its data', async () => {
    const dataDir = await freshDataDir()
    const { process: program, report } = await holdStarted(dataDir)
    await query(report, 'create table kept as select 1 as n')
    await kill(program, 'SIGKILL')
    assert.equal(await findPostmaster(join(dataDir, 'postgres')), report.pid, 'the server outlives the program')

    const server = await start({ dataDir })
    assert.isTrue(server.replacedOrphan)
    assert.notEqual(server.pid, report.pid)
    assert.deepEqual(await query(socketOf(server), 'select n from kept'), [{ n: 1 }])
  })

  test('kill -9 of the program: what its sessions had in flight cannot commit after the next start', async () => {
    const dataDir = await freshDataDir()
    const { process: program, report } = await holdStarted(dataDir)
    await query(report, 'create table late (n int)')
    const inFlight = query(report, 'begin; insert into late values (1); select pg_sleep(3600); commit').catch(
      () => 'cut',
    )
    await kill(program, 'SIGKILL')

    const server = await start({ dataDir })
    assert.equal(await inFlight, 'cut')
    assert.deepEqual(await query(socketOf(server), 'select n from late'), [])
  })

  test('kill -9 of the server: it says so, and the next start recovers', async () => {
    const dataDir = await freshDataDir()
    const first = await start({ dataDir })
    await query(socketOf(first), 'create table kept as select 1 as n')
    const idle = query(socketOf(first), 'select pg_sleep(3600)').catch(() => 'cut')
    await untilAsleep(socketOf(first))
    await killPostmaster(dataDir)
    const reason = await first.ended
    assert.equal(reason?.code, 'POSTGRES_FAILED')
    assert.include(reason?.message, 'SIGKILL')
    await first.stop()

    const second = await start({ dataDir })
    assert.deepEqual(await query(socketOf(second), 'select n from kept'), [{ n: 1 }])
    await idle
  })

  test('a session that outlives its killed server is waited for, since it still holds the memory', async () => {
    const dataDir = await freshDataDir()
    const { process: program, report } = await holdStarted(dataDir)
    const session = query(report, 'select pg_sleep(3600)').catch(() => 'cut')
    await untilAsleep(report)
    const [row] = await query(report, `select pid from pg_stat_activity where wait_event = 'PgSleep'`)
    const backend = Number(row?.pid)
    process.kill(backend, 'SIGSTOP') // so that it cannot notice the server's death
    await Promise.all([kill(program, 'SIGKILL'), killPostmaster(dataDir)])

    const starting = start({ dataDir })
    const said = () => readFile(join(dataDir, 'postgres.log'), 'utf8')
    assert.isTrue(await holdsWithin(9_000, async () => (await said()).includes('pre-existing shared memory block')))
    process.kill(backend, 'SIGCONT')
    assert.deepEqual(await query(socketOf(await starting), 'select 1 as one'), [{ one: 1 }])
    await session
  })

  test('kill -9 of program and server at once: the next start recovers', async () => {
    const dataDir = await freshDataDir()
    const { process: program, report } = await holdStarted(dataDir)
    await query(report, 'create table kept as select 1 as n')
    await Promise.all([kill(program, 'SIGKILL'), killPostmaster(dataDir)])

    const server = await start({ dataDir })
    assert.deepEqual(await query(socketOf(server), 'select n from kept'), [{ n: 1 }])
  })

  test('kill -9 again and again, while it starts too: the folder stays usable', async () => {
    const dataDir = await freshDataDir()
    for (const afterMs of [0, 200, 500, 900, 1_200]) {
      const { process: program } = hold(dataDir)
      await delay(afterMs) // no event marks the moments between; any of them will do
      await kill(program, 'SIGKILL')
    }
    const server = await start({ dataDir })
    assert.deepEqual(await query(socketOf(server), 'select 1 as one'), [{ one: 1 }])
  })

  test('a program that exits without stopping the server does not leave it running', async () => {
    const dataDir = await freshDataDir()
    const { process: program, report } = await holdStarted(dataDir)
    const exit = once(program, 'exit')
    program.send('exit')
    await exit
    assert.isTrue(await holdsWithin(10_000, async () => (await findPostmaster(join(dataDir, 'postgres'))) === null))
    assert.isAbove(report.pid, 0)
  })

  test('a process number that now belongs to someone else is neither stopped nor in the way', async () => {
    const dataDir = await freshDataDir()
    const first = await start({ dataDir })
    await first.stop()
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid')
    const bystander = await startBystander(await stat(join(dataDir, 'postgres')))
    await writeFile(pidFile, `${bystander.pid}\n${join(dataDir, 'postgres')}\n1\n5432\n\n\n  0 0\nready\n`)

    const second = await start({ dataDir })
    assert.isFalse(second.replacedOrphan)
    assert.equal((await readFile(pidFile, 'utf8')).split('\n')[0], String(second.pid))
    assert.isNull(bystander.signalCode)
  })

  test('Ctrl-C in the terminal does not reach the server before the program stops it', async () => {
    const dataDir = await freshDataDir()
    const { process: program, report } = await holdStarted(dataDir)
    const interrupted = once(program, 'message')
    process.kill(-(program.pid as number), 'SIGINT') // what a terminal does: the whole process group
    await interrupted
    assert.deepEqual(await query(report, 'select 1 as one'), [{ one: 1 }])

    const exit = once(program, 'exit')
    program.send('stop')
    await exit
    assert.isNull(await findPostmaster(join(dataDir, 'postgres')))
  })
})

/** A process of the server's own user, which Postgres could therefore take for a server. */
async function startBystander(owner: { uid: number; gid: number }): Promise<ChildProcess> {
  const identity = isRoot ? { uid: owner.uid, gid: owner.gid } : {}
  const child = spawn('sleep', ['600'], { stdio: 'ignore', ...identity })
  onTestFinished(() => {
    child.kill()
  })
  await once(child, 'spawn')
  return child
}
