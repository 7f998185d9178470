import { assert, describe, test } from 'vitest'
import { expectToHold } from './expectToHold.ts'
import { simulate } from './simulate.ts'

const only = process.env.SLUICE_SEED === undefined ? null : Number(process.env.SLUICE_SEED)
const SEEDS = only === null ? Array.from({ length: 50 }, (_, index) => index + 1) : [only]
const TIMEOUT_MS = 120_000

describe('whatever happens to a cluster, its replicas and the network between them (R24)', () => {
  for (const seed of SEEDS) {
    test(`all that must hold does (SLUICE_SEED=${seed})`, { timeout: TIMEOUT_MS }, async () => {
      expectToHold(await simulate(seed, { keepsTrace: only !== null }))
    })
  }
})

test('the same seed makes the same history, message by message, and another seed another one', async () => {
  const [first, again, other] = [await simulate(3), await simulate(3), await simulate(4)]
  assert.equal(again.hash, first.hash)
  assert.equal(again.lines, first.lines)
  assert.notEqual(other.hash, first.hash)
})
