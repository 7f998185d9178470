import { assert, test } from 'vitest'
import type { Counts } from '../counts.ts'
import type { Lane } from './lanes.ts'
import { runLanes } from './runLanes.ts'

const ready: Lane = { project: 'unit', prepare: async () => null }
const withoutGo: Lane = { project: 'kubernetes', prepare: async () => ({ tool: 'go', install: 'brew install go' }) }
const broken: Lane = { project: 'kubernetes', prepare: () => Promise.reject(new Error('no network')) }

async function outcomeOf(lanes: Lane[], { isCi = false } = {}): Promise<{ counts: Counts; lines: string[] }> {
  const lines: string[] = []
  const run = async () => ({ passed: 3, failed: 0, skipped: 1 })
  const counts = await runLanes(lanes, { isCi, run, print: (line) => lines.push(line) })
  return { counts, lines }
}

test('the last line is the sum of all lanes, alone', async () => {
  const { lines } = await outcomeOf([ready, ready])
  assert.equal(lines.at(-1), '6 passed, 0 failed, 2 skipped')
})

test('a lane whose tool is missing is skipped, with the line that installs it', async () => {
  const { counts, lines } = await outcomeOf([ready, withoutGo])
  assert.deepEqual(counts, { passed: 3, failed: 0, skipped: 2 })
  assert.include(lines, 'kubernetes: not run, go is missing. Install it: brew install go')
})

test('in CI a missing tool is a failure', async () => {
  assert.deepEqual((await outcomeOf([ready, withoutGo], { isCi: true })).counts, { passed: 3, failed: 1, skipped: 1 })
})

test('a lane that cannot be made ready fails and says why; the next one still runs', async () => {
  const { counts, lines } = await outcomeOf([broken, ready])
  assert.deepEqual(counts, { passed: 3, failed: 1, skipped: 1 })
  assert.include(lines, 'kubernetes: no network')
})
