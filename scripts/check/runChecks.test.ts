import { assert, test } from 'vitest'
import type { Counts } from '../counts.ts'
import { type Check, runChecks } from './runChecks.ts'

async function outcomeOf(checks: Record<string, Check>, isCi = false): Promise<{ counts: Counts; lines: string[] }> {
  const lines: string[] = []
  const counts = await runChecks(checks, { isCi, print: (line) => lines.push(line) })
  return { counts, lines }
}
const absent: Check = async () => ({ skipped: 'there is nothing to compare with' })

test('findings are told below their check, and the next check still runs', async () => {
  const { counts, lines } = await outcomeOf({ style: async () => ['one\ntwo'], types: async () => [] })
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 })
  assert.deepEqual(lines, ['failed  style', '        one\n        two', 'ok      types'])
})

test('a check that breaks has failed, with what it broke on', async () => {
  const { counts, lines } = await outcomeOf({ types: () => Promise.reject(new Error('no compiler')) })
  assert.equal(counts.failed, 1)
  assert.deepEqual(lines, ['failed  types', '        Error: no compiler'])
})

test('a check that cannot be made is skipped and says why', async () => {
  const { counts, lines } = await outcomeOf({ contract: absent })
  assert.deepEqual(counts, { passed: 0, failed: 0, skipped: 1 })
  assert.deepEqual(lines, ['skipped contract', '        there is nothing to compare with'])
})

test('in CI a check that cannot be made has failed', async () => {
  assert.deepEqual((await outcomeOf({ contract: absent }, true)).counts, { passed: 0, failed: 1, skipped: 0 })
})
