import { seeded } from '../testkit/seeded.ts'
import type { NetworkHabits } from './network.ts'

/** What people and machines do to a cluster, each with what it weighs against the others. */
export const DISTURBANCES = {
  killLeader: 3,
  killAtWrite: 4,
  pauseLeader: 2,
  pauseAtWrite: 3,
  killStandby: 1,
  outage: 2,
  storm: 2,
  stall: 3,
  failNode: 3,
  cordonNode: 2,
  shrinkNode: 2,
  breakDevice: 2,
  deleteNode: 2,
  mistakeDevices: 3,
  foreignPod: 3,
  evictPod: 3,
  quota: 3,
  stopQueue: 2,
  deleteQueue: 2,
  moveQueue: 2,
  cancelJob: 4,
  changeJob: 3,
  podQuota: 2,
  domainClock: 2,
  wallClock: 2,
} as const
export type Disturbance = keyof typeof DISTURBANCES

/** What kind of a history one seed makes: seeds differ in what goes wrong at all, so that each thing is met alone and with others. */
export interface Character {
  readonly network: NetworkHabits
  readonly disturbances: readonly Disturbance[]
  /** Mean time between two of them. */
  readonly everyMs: number
  readonly replicas: number
  /** Whether a replica's end is known to the next one, as on one machine. */
  readonly isOneMachine: boolean
  readonly skewMs: number
  readonly nodes: number
  readonly jobs: number
  /** How long jobs come and things go wrong. */
  readonly eventfulMs: number
}

export function characterOf(seed: number): Character {
  const random = seeded(seed * 7 + 1)
  const isCalm = random() < 0.2
  const some = (most: number) => (isCalm || random() < 0.5 ? 0 : random() * most)
  const kinds = Object.keys(DISTURBANCES) as Disturbance[]
  return {
    network: {
      slowestMs: 2 + Math.floor(random() ** 2 * 300),
      slowestWatchMs: 2 + Math.floor(random() ** 2 * 1_500),
      refusals: some(0.15),
      lostRequests: some(0.05),
      lostReplies: some(0.15),
      watchEnds: some(0.03),
      watchExpiries: some(0.01),
      duplicates: some(0.1),
    },
    disturbances: isCalm ? [] : kinds.filter(() => random() < 0.4),
    everyMs: 6_000 + random() * 30_000,
    replicas: random() < 0.8 ? 2 : 1,
    isOneMachine: random() < 0.3,
    skewMs: random() < 0.5 ? 0 : Math.floor(random() * 1_500),
    nodes: 2 + Math.floor(random() * 3),
    jobs: 12 + Math.floor(random() * 24),
    eventfulMs: 200_000 + random() * 250_000,
  }
}
