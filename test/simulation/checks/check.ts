import type { World } from '../world.ts'

/** What must hold whatever happens. It may also look at changes as they come, from when it is made. */
export interface Check {
  /** Once in every simulated second. */
  eachSecond?(): void
  /** When all jobs are done, everything has been put back, and a minute has passed. */
  atEnd?(): void
}
export type MakeCheck = (world: World) => Check

/** Something did not hold: the scheduler's mistake, or the simulation's. */
export class Violation extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Violation'
  }
}

export function must(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Violation(message())
}
