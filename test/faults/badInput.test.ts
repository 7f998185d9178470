import { onTestFinished, test } from 'vitest'
import { endureBadInput } from './badInput/badInput.ts'

/** A failure is looked at again with the seed and the number that it tells; the proof lane sends more. */
const seed = Number(process.env.SLUICE_SEED ?? 1)
const only = process.env.SLUICE_CASE === undefined ? undefined : Number(process.env.SLUICE_CASE)

test(`a thousand malformed requests get nothing but good refusals (SLUICE_SEED=${seed})`, () =>
  endureBadInput({ seed, cases: 1_000, only, onEnd: onTestFinished }))
