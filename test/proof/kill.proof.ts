import { onTestFinished, test } from 'vitest'
import { killAmidWork } from '../faults/killAmidWork.ts'

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 100)

for (const seed of SEEDS) {
  test(`killed five times amid its work, it keeps all that it acknowledged (SLUICE_SEED=${seed})`, () =>
    killAmidWork({ seed, kills: 5, onEnd: onTestFinished }))
}
