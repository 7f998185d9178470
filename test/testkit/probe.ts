import { readFile, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Probe } from './heapProbe.ts'
import type { Program } from './program.ts'
import { until } from './until.ts'

const PROBE = fileURLToPath(new URL('heapProbe.ts', import.meta.url))

/** Environment of a program that can be looked into. */
export function probed(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--expose-gc --import=${PROBE}`, SLUICE_PROBE: file }
}

/** What the program holds, garbage not counted. */
export async function probe({ pid }: Pick<Program, 'pid'>, file: string): Promise<Probe> {
  await rm(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  const text = await until(
    'the program has told what it holds',
    () => read(file),
    (seen) => seen !== '',
  )
  return JSON.parse(text) as Probe
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
