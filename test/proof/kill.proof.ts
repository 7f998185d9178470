import { onTestFinished, test } from 'vitest'
import { killAmidWork } from '../faults/killAmidWork.ts'

/** What the replay whose roles are killed does not have: one program for all, gangs, cancellations. */
const SEEDS = Array.from({ length: 4 }, (_, index) => index + 100)

for (const seed of SEEDS) {
  test(`killed five times amid its work, it keeps all that it acknowledged (SLUICE_SEED=${seed})`, () =>
    killAmidWork({ seed, kills: 5, onEnd: onTestFinished }))
}
