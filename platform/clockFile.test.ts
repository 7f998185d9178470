import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createClockFile, readClockFile } from './clockFile.ts'

const START_MS = Date.UTC(2026, 0, 1)

async function freshPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'time')
}

test('all who read the file are at the time of the one who writes it', async () => {
  const path = await freshPath()
  const kept = createClockFile(path, START_MS)
  onTestFinished(kept.close)
  const readers = [readClockFile(path), readClockFile(path)]
  for (const ms of [START_MS, START_MS + 1, START_MS + 1, START_MS + 1e11 + 0.5]) {
    kept.moveTo(ms)
    expect([kept, ...readers].map((each) => each.nowMs())).toEqual([ms, ms, ms])
  }
  expect(readClockFile(path).nowMs()).toBe(START_MS + 1e11 + 0.5)
})

test('time does not go back', async () => {
  const kept = createClockFile(await freshPath(), START_MS)
  onTestFinished(kept.close)
  expect(() => kept.moveTo(START_MS - 1)).toThrow(/cannot go back/)
  expect(kept.nowMs()).toBe(START_MS)
})

test('a file that is not there, or is no clock, is said at once and not taken for the year 1970', async () => {
  const path = await freshPath()
  expect(() => readClockFile(path)).toThrow(/ENOENT/)
  await writeFile(path, 'noon')
  expect(() => readClockFile(path).nowMs()).toThrow(/holds no time/)
})
