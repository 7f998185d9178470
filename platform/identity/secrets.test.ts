import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadSecrets } from './secrets.ts'

test('all who come to a new data folder at once have the same secrets, whole, for their owner’s eyes alone', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'sluice-secrets-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const dataDir = join(parent, 'data')
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => loadSecrets(dataDir)))
  for (const other of others) expect(other).toEqual(first)
  expect(first?.client).toHaveLength(32)
  expect(await readdir(dataDir)).toEqual(['secrets.json'])
  expect((await stat(join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600)
  expect(await loadSecrets(dataDir)).toEqual(first)
})
