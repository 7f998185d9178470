/** How patient the scheduler is with gangs that do not come up. */
export interface Patience {
  /** All pods of a gang may take so long to be created, … */
  readonly gangBaseMs: number
  /** … and a second more for so many pods. */
  readonly gangPodsPerSecond: number
  /** A gang that had to be suspended again waits so long, twice as long each time after, … */
  readonly firstBackoffMs: number
  /** … and at most so long. */
  readonly lastBackoffMs: number
  /** How long a node that turned a pod away gets no new ones. */
  readonly avoidNodeMs: number
}

/** A job that has waited so long goes before all priorities: a week, where the cluster has no policy of its own. */
export const DEFAULT_AGING_MS = 7 * 24 * 3_600_000

/** Where the cluster has no policy of its own. */
export const DEFAULT_PATIENCE: Patience = {
  gangBaseMs: 60_000,
  gangPodsPerSecond: 15,
  firstBackoffMs: 10_000,
  lastBackoffMs: 600_000,
  avoidNodeMs: 60_000,
}
