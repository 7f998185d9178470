import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe, onTestFinished, test } from 'vitest'
import { diagnose, openServerLog } from './serverLog.ts'

const cases = {
  'a full disk, though another line follows it': {
    lines: [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      'LOG:  database system is shut down',
    ],
    want: { code: 'DISK_FULL', passing: false },
  },
  'a quota used up': {
    lines: ['PANIC:  could not write to file "pg_wal/xlogtemp.71": Disk quota exceeded'],
    want: { code: 'DISK_FULL', passing: false },
  },
  'children of a killed server: they go within seconds': {
    lines: [
      'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use',
      'HINT:  Terminate any old server processes associated with data directory "/data/postgres".',
    ],
    want: { code: 'POSTGRES_FAILED', passing: true },
  },
  'a server that is still ending': {
    lines: ['FATAL:  lock file "postmaster.pid" already exists'],
    want: { code: 'POSTGRES_FAILED', passing: true },
  },
  'files of another version': {
    lines: ['FATAL:  database files are incompatible with server'],
    want: { code: 'POSTGRES_VERSION_MISMATCH', passing: false },
  },
  'a file it may not read': {
    lines: ['FATAL:  could not open file "/data/postgres/global/pg_control": Permission denied'],
    want: { code: 'DATA_FOLDER_UNREADABLE', passing: false },
  },
  'a folder open to others': {
    lines: ['FATAL:  data directory "/data/postgres" has invalid permissions'],
    want: { code: 'DATA_FOLDER_UNREADABLE', passing: false },
  },
  'anything else': {
    lines: ['FATAL:  unrecognized configuration parameter "colour"'],
    want: { code: 'POSTGRES_FAILED', passing: false },
  },
  'nothing at all, as after kill -9': { lines: [], want: { code: 'POSTGRES_FAILED', passing: false } },
}

describe('why a server ended', () => {
  for (const [name, { lines, want }] of Object.entries(cases)) {
    test(name, () => {
      const { error, passing } = diagnose(lines, '/data/postgres')
      assert.deepEqual({ code: error.code as string, passing }, want)
    })
  }

  test('an unknown reason is told in the server’s last words', () => {
    const { error } = diagnose(['FATAL:  unrecognized configuration parameter "colour"'], '/data/postgres')
    assert.include(error.message, 'unrecognized configuration parameter "colour"')
  })
})

describe('the server’s log', () => {
  test('gives the lines of the present attempt only', async () => {
    const path = join(await folder(), 'postgres.log')
    await writeFile(path, 'of yesterday\n')
    const log = await openServerLog(path)
    const offset = await log.sizeBytes()
    await writeFile(path, 'first\n\nsecond\n', { flag: 'a' })
    assert.deepEqual(await log.linesSince(offset), ['first', 'second'])
    await log.close()
  })

  test('is put aside when it has grown large, and only then', async () => {
    const path = join(await folder(), 'postgres.log')
    await writeFile(path, Buffer.alloc(17 * 1024 * 1024, 'x'))
    for (const _ of [1, 2]) await (await openServerLog(path)).close()
    assert.equal((await stat(path)).size, 0)
    assert.isAbove((await stat(`${path}.1`)).size, 0)
  })
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-log-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}
