import { once } from 'node:events'
import type { Cluster } from '../kubernetes/cluster.ts'
import { EPOCHS } from '../kubernetes/names.ts'
import type { WallClock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { pause, type Timers } from '../platform/timers.ts'
import { type Caches, openCaches, relistCaches, stopCaches, whenComplete } from './caches.ts'
import { DEFAULT_TIMES, type ElectionTimes, startElection } from './election/election.ts'
import { type Holder, newHolder } from './election/holder.ts'
import { leadersCluster } from './election/leadersCluster.ts'
import type { Leadership } from './election/leadership.ts'
import { beginEpoch } from './epochs.ts'

export interface ElectionSettings {
  times: ElectionTimes
  /** An API server does nothing more for a request that is older. */
  requestTimeoutMs: number
  /** Whether another agent may stand by. */
  isShared: boolean
  holder?: Holder
  monotonicMs?: () => number
}

/** Among several agents of one cluster. */
export const SHARED: ElectionSettings = { times: DEFAULT_TIMES, requestTimeoutMs: 30_000, isShared: true }
/** A cluster that lives in this very process has no other agent, and no request outlives the process. */
export const ALONE: ElectionSettings = {
  times: { durationMs: 60_000, renewWithinMs: 40_000, renewEveryMs: 15_000, pollMs: 100 },
  requestTimeoutMs: 0,
  isShared: false,
}

/** What a leader begins its term with. */
export interface TermBegin {
  /** Refuses writes as soon as the term is over. */
  cluster: Cluster
  /** As the cluster was when the term began, or later. */
  caches: Caches
  epoch: number
  monotonicMs: () => number
}

interface TermsOptions<T> {
  cluster: Cluster
  election: ElectionSettings
  wall: WallClock
  log: Log
  timers: Timers
  random: () => number
  /** What is done in a term; `stop` decides nothing more at once, and resolves when all that was under way has ended. */
  start(begin: TermBegin): T
}

export interface Terms<T> {
  /** The term under way; null: this agent does not lead. */
  readonly current: T | null
  /** Resolves when another term is under way, or none. */
  whenChanged(): Promise<void>
  stop(): Promise<void>
}

/** Writes that are answered no sooner keep the next leader waiting. */
const ANSWERED_WITHIN_MS = 1_000

/**
 * Leads one term after another, whenever elected. Resolves when the first has begun, or another agent is known to lead.
 * @throws ClusterError where the cluster does not let it begin a term; nothing has been started then
 */
export async function standForTerms<T extends { stop(): Promise<void> }>(options: TermsOptions<T>): Promise<Terms<T>> {
  const { cluster, wall, log, timers, random } = options
  const { times, requestTimeoutMs, isShared, holder = newHolder(), monotonicMs } = options.election
  const readMs = monotonicMs ?? (() => performance.now())
  const firstTerm = Promise.withResolvers<void>()
  let caches: Caches | null = null
  let current: T | null = null
  let changed = Promise.withResolvers<void>()

  const election = startElection({ cluster, holder, times, timers, monotonicMs: readMs, wall, log, lead })
  try {
    await Promise.race([firstTerm.promise, election.standsBy])
  } catch (error) {
    await Promise.all([election.stop(), caches && stopCaches(caches)])
    throw error
  }
  // Warm: whoever takes over has only to make sure of what it knows.
  if (isShared) caches ??= openCaches(cluster, { log, timers, random })

  /** One term, from its epoch to its last answer. */
  async function lead(leadership: Leadership): Promise<boolean> {
    const epoch = await beginEpoch(cluster, EPOCHS.term)
    const own = leadersCluster(cluster, { leadership, epoch, forgottenAfterMs: requestTimeoutMs, monotonicMs: readMs })
    const known = await untilLost(leadership, currentCaches(leadership, epoch))
    if (known === null || !leadership.isHeld()) return true
    const term = options.start({ cluster: own, caches: known, epoch, monotonicMs: readMs })
    change(term)
    firstTerm.resolve()
    await untilLost(leadership, new Promise(() => {}))
    change(null)
    await term.stop()
    await Promise.race([own.whenAnswered(), pause(timers, ANSWERED_WITHIN_MS, new AbortController().signal)])
    return own.isSettled()
  }

  /** As the cluster is when nobody else can change it any more by a decision of an earlier epoch (ADR 0012). */
  async function currentCaches({ mayHavePredecessor, lost }: Leadership, epoch: number): Promise<Caches> {
    const mustWait = isShared && mayHavePredecessor && epoch > 1
    const isWarm = caches !== null
    const known = caches ?? openCaches(cluster, { log, timers, random })
    caches = known
    await whenComplete(known)
    if (mustWait) {
      log.info({ epoch }, 'the last leader ran out; waiting until nothing of it can be under way')
      firstTerm.resolve()
      await pause(timers, times.durationMs + requestTimeoutMs, lost)
    }
    if (isWarm || mustWait) await relistCaches(known)
    return known
  }

  function change(term: T | null): void {
    current = term
    changed.resolve()
    changed = Promise.withResolvers()
  }

  return {
    get current() {
      return current
    },
    whenChanged: () => changed.promise,
    async stop() {
      await election.stop()
      if (caches !== null) await stopCaches(caches)
    },
  }
}

/** null where the leadership is lost first. */
async function untilLost<T>({ lost }: Leadership, promise: Promise<T>): Promise<T | null> {
  if (lost.aborted) return null
  const settled = new AbortController()
  try {
    return await Promise.race([promise, once(lost, 'abort', { signal: settled.signal }).then(() => null)])
  } finally {
    settled.abort()
  }
}
