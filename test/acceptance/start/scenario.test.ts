import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findPostmaster } from '../../../platform/postgres/postmaster.ts'
import { runProgram } from '../../testkit/program.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  return folder
}

/** What a person sees of a start that cannot be: one cause, one way out, and no trace of our code. */
async function refusedStart(env: Record<string, string>) {
  const program = runProgram(['up', '--no-tour'], { SLUICE_PORT: '0', ...env })
  onTestFinished(program.kill)
  const { code } = await program.ended
  expect(code).toBe(1)
  expect(program.stdout()).toBe('')
  expect(program.stderr()).not.toMatch(/^ +at /m)
  return program.stderr()
}

describe('sluice up does not start', () => {
  test('on a port that is in use, and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const dataDir = await temporaryFolder()
    const said = await refusedStart({ SLUICE_DATA: dataDir, SLUICE_PORT: String(port) })
    expect(said).toContain(String(port))
    expect(said).toMatch(/another port/)
    expect(await findPostmaster(join(dataDir, 'postgres'))).toBeNull()
  })

  for (const port of ['http', '-1', '65536', '1.5']) {
    test(`on port ${port}`, async () => {
      const said = await refusedStart({ SLUICE_DATA: await temporaryFolder(), SLUICE_PORT: port })
      expect(said).toContain(`SLUICE_PORT is ${port}`)
    })
  }

  test('in a data folder that is a file', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    const said = await refusedStart({ SLUICE_DATA: file })
    expect(said).toContain(file)
    expect(said).toMatch(/another data folder/)
  })

  test.runIf(process.platform === 'linux')('in a data folder that cannot be made', async () => {
    const said = await refusedStart({ SLUICE_DATA: '/proc/sluice' })
    expect(said).toContain('/proc/sluice')
    expect(said).toMatch(/another data folder/)
  })

  test('with an option that it does not know', async () => {
    const program = runProgram(['up', '--turbo'], { SLUICE_DATA: await temporaryFolder() })
    expect((await program.ended).code).toBe(1)
    expect(program.stderr()).toContain('--turbo')
    expect(program.stderr()).not.toMatch(/^ +at /m)
  })
})

test('a command that it does not know is answered with those it knows', async () => {
  const program = runProgram(['dance'], {})
  expect((await program.ended).code).toBe(2)
  expect(program.stderr()).toMatch(/dance[\s\S]+up[\s\S]+token[\s\S]+schema[\s\S]+replay/)
})

test('a program goes on when whoever read its output has gone', async () => {
  const script = fileURLToPath(new URL('../../../bin/sluice.ts', import.meta.url))
  const program = spawn(process.execPath, [script, 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] })
  program.stdout.destroy()
  const said = Array.fromAsync(program.stderr.setEncoding('utf8'))
  expect((await once(program, 'exit'))[0], (await said).join('')).toBe(0)
})
