import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { replayOf } from '../simulation/expectToHold.ts'

const SEEDS = 1_000
const MAIN = join(import.meta.dirname, '../simulation/main.ts')

/** Seeds beyond those of `npm test`, each in a history of its own, on all processors. */
test(`${SEEDS} histories of a cluster hold all that must hold (R24)`, async () => {
  const workers = availableParallelism()
  const share = Math.ceil(SEEDS / workers)
  const parts = Array.from({ length: workers }, (_, worker) => ({
    first: worker * share + 1,
    last: Math.min(SEEDS, (worker + 1) * share),
  }))
  const outcomes = (await Promise.all(parts.map(simulated))).flat()
  const failed = outcomes.filter(({ failure }) => failure !== null)
  expect(failed.map(({ seed, failure }) => `${replayOf(seed)}: ${failure}`)).toEqual([])
  expect(new Set(outcomes.map(({ hash }) => hash)).size).toBe(SEEDS)
})

interface Outcome {
  seed: number
  hash: string
  failure: string | null
}

function simulated({ first, last }: { first: number; last: number }): Promise<Outcome[]> {
  const child = spawn(process.execPath, [MAIN, String(first), String(last)], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  const outcomes: Outcome[] = []
  createInterface(child.stdout).on('line', (line) => outcomes.push(JSON.parse(line)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(outcomes) : reject(new Error(`the worker of seeds ${first} to ${last} ended with ${code}`)),
    )
  })
}
