import { onTestFinished, test } from 'vitest'
import { endureBadInput } from '../faults/badInput/badInput.ts'
import type { Mode } from '../testkit/cloud.ts'

const seed = Number(process.env.SLUICE_SEED ?? 1_000)
const only = process.env.SLUICE_CASE === undefined ? undefined : Number(process.env.SLUICE_CASE)
/** Apart, what is behind the gateway is reached over one more port; the ways in are the same. */
const CASES: Record<Mode, number> = { whole: 10_000, apart: 3_000 }

for (const mode of ['whole', 'apart'] as const) {
  const cases = CASES[mode]
  test(`${cases} malformed requests get nothing but good refusals, and leave no memory behind (${mode}, SLUICE_SEED=${seed})`, () =>
    endureBadInput({ seed, cases, mode, only, onEnd: onTestFinished }))
}
