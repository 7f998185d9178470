import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, assert, beforeEach, expect, test } from 'vitest'
import { withLock } from './buildLock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))
const times = { heartbeatMs: 10, staleMs: 5_000, waitMs: 2_000 }

test('one works at a time', async () => {
  let working = 0
  const work = async () => {
    assert.equal(++working, 1)
    await readdir(folder)
    working--
  }
  await Promise.all([1, 2, 3].map(() => withLock(join(folder, 'lock'), work, { times })))
})

test('is given back when the work fails', async () => {
  const failing = () => withLock(join(folder, 'lock'), () => Promise.reject(new Error('broken')), { times })
  await expect(failing()).rejects.toThrow('broken')
  await expect(failing()).rejects.toThrow('broken')
})

test('of a holder that died is taken over', async () => {
  const lock = join(folder, 'lock')
  await mkdir(lock)
  const longAgo = new Date(Date.now() - times.staleMs - 1_000)
  await utimes(lock, longAgo, longAgo)
  assert.equal(await withLock(lock, async () => 'worked', { times }), 'worked')
})

test('that is never free is told after a while, with what to do', async () => {
  const lock = join(folder, 'lock')
  await mkdir(lock)
  const waiting = withLock(lock, async () => 'worked', { times: { ...times, waitMs: 50 } })
  await expect(waiting).rejects.toThrow(`held ${lock}`)
})
