import type { RunningJob } from '../model/running.ts'

/** How many pods may still be stopped under each disruption budget. */
export class Allowances {
  readonly #left: Map<string, number>

  constructor(left: ReadonlyMap<string, number> = new Map()) {
    this.#left = new Map(left)
  }

  /** What its budgets allow. One that is going may not have been reckoned yet, so it counts as allowed for already. */
  note(job: RunningJob): void {
    for (const { name, allowed } of job.budgets) this.#left.set(name, (this.#left.get(name) ?? allowed) - going(job))
  }

  allows({ budgets, pods }: RunningJob): boolean {
    return budgets.every(({ name }) => (this.#left.get(name) ?? 0) >= pods)
  }

  spend({ budgets, pods }: RunningJob): void {
    for (const { name } of budgets) this.#left.set(name, (this.#left.get(name) ?? 0) - pods)
  }

  /** To try something out on. */
  copy(): Allowances {
    return this.#left.size === 0 ? this : new Allowances(this.#left)
  }
}

function going({ isGoing, pods }: RunningJob): number {
  return isGoing ? pods : 0
}
