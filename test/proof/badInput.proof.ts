import { onTestFinished, test } from 'vitest'
import { endureBadInput } from '../faults/badInput/badInput.ts'

const seed = Number(process.env.SLUICE_SEED ?? 1_000)
const only = process.env.SLUICE_CASE === undefined ? undefined : Number(process.env.SLUICE_CASE)

test(`ten thousand malformed requests get nothing but good refusals, and leave no memory behind (SLUICE_SEED=${seed})`, () =>
  endureBadInput({ seed, cases: 10_000, only, onEnd: onTestFinished }))
