import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, assert, beforeEach, expect, test } from 'vitest'
import { startProcess } from './ownProcess.ts'

let folder: string
let logFile: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-process-'))
  logFile = join(folder, 'log')
})
afterEach(() => rm(folder, { recursive: true }))

test('its output goes to its log, and its end is told', async () => {
  const child = await startProcess('talker', '/bin/sh', ['-c', 'echo out; echo err >&2; exit 3'], logFile)
  assert.equal(await child.ended, `talker ended with exit code 3; its output is in ${logFile}`)
  expect((await readFile(logFile, 'utf8')).split('\n').sort()).toEqual(['', 'err', 'out'])
})

test('is ended by its own id, and ending it twice is harmless', async () => {
  const child = await startProcess('sleeper', '/bin/sleep', ['600'], logFile)
  assert.isTrue(isAlive(child.pid))
  await child.kill()
  await child.kill()
  assert.isFalse(isAlive(child.pid))
})

test.skipIf(!existsSync('/usr/bin/setpriv'))('does not outlive a Node that is killed', async () => {
  const script = `
    import { startProcess } from ${JSON.stringify(new URL('./ownProcess.ts', import.meta.url).href)}
    const child = await startProcess('sleeper', '/bin/sleep', ['600'], ${JSON.stringify(logFile)})
    console.log(child.pid)
    setInterval(() => {}, 1_000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(output.toString())
  assert.isTrue(isAlive(pid))
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
