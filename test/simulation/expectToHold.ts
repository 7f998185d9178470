import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from './simulate.ts'

/** What to type to see that history again, every message of it. */
export function replayOf(seed: number): string {
  return `SLUICE_SEED=${seed} npm test -- test/simulation`
}

/** @throws Error with what did not hold, what came just before it, and how to see it again */
export function expectToHold({ seed, failure, trace }: Outcome): void {
  if (failure === null) return
  const path = join(tmpdir(), `sluice-simulation-${seed}.log`)
  writeFileSync(path, [...(trace.all.length > 0 ? trace.all : trace.last), failure, ''].join('\n'))
  const lines = trace.last.slice(-20).map((line) => line.slice(0, 200))
  throw new Error([failure, '', ...lines, '', `Again: ${replayOf(seed)}`, `Its trace: ${path}`].join('\n'))
}
