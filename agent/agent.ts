import { once } from 'node:events'
import type { Cluster } from '../kubernetes/cluster.ts'
import { EPOCHS } from '../kubernetes/names.ts'
import type { DomainClock, WallClock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { pause, systemTimers, type Timers } from '../platform/timers.ts'
import { type Caches, openCaches, relistCaches, stopCaches, whenComplete } from './caches.ts'
import { DEFAULT_TIMES, type ElectionTimes, startElection } from './election/election.ts'
import { type Holder, newHolder } from './election/holder.ts'
import { leadersCluster } from './election/leadersCluster.ts'
import type { Leadership } from './election/leadership.ts'
import { beginEpoch } from './epochs.ts'
import type { Link } from './link/link.ts'
import { type QuietOptions, startTerm, type Term } from './term.ts'

/** The compute plane of one cluster: the scheduler, directives down, observations up; or a standby for another agent. */
export interface Agent {
  /** Id of the cluster, once the control plane has told this agent; stays pending where stop() came first. */
  readonly clusterId: Promise<string>
  /** Whether it is this agent that schedules the cluster. */
  readonly isLeading: boolean
  /** As the term says it; at once where the agent is stopped. Waits for a term while there is none. */
  whenQuiet(quiet: QuietOptions): Promise<void>
  heartbeat(): void
  /** Soon, whatever the control plane does: what is under way there is broken off. */
  stop(): Promise<void>
}

export interface AgentOptions {
  cluster: Cluster
  clusterName: string
  kubernetesVersion: string
  link: Link
  clock: DomainClock
  wall: WallClock
  log: Log
  /** Whether Events on Jobs tell those who look with kubectl. A simulated cluster has nobody who looks. */
  tellsEvents: boolean
  election?: ElectionSettings
  timers?: Timers
  random?: () => number
}

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

/** Writes that are answered no sooner keep the next leader waiting. */
const ANSWERED_WITHIN_MS = 1_000

/**
 * Needs the platform's objects in the cluster (installPlatform). Resolves when the cluster is being
 * scheduled, by this agent or by the one that it stands by for. That goes on with and without a control
 * plane; the conversation with that begins when it answers.
 * @throws ClusterError where the cluster does not let it begin a term; nothing has been started then
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { cluster, clusterName, wall, log, election: settings = SHARED } = options
  const { timers = systemTimers, random = Math.random } = options
  const { times, requestTimeoutMs, isShared, monotonicMs = () => performance.now() } = settings
  const clusterId = Promise.withResolvers<string>()
  const firstTerm = Promise.withResolvers<void>()
  let caches: Caches | null = null
  let term: Term | null = null
  let changed = Promise.withResolvers<void>()
  let isStopped = false

  const election = startElection({
    cluster,
    holder: settings.holder ?? newHolder(),
    times,
    timers,
    monotonicMs,
    wall,
    log,
    lead,
  })
  try {
    await Promise.race([firstTerm.promise, election.standsBy])
  } catch (error) {
    await Promise.all([election.stop(), caches && stopCaches(caches)])
    throw error
  }
  // Warm: whoever takes over has only to make sure of what it knows.
  if (isShared) caches ??= openCaches(cluster, log)

  /** One term, from its epoch to its last answer. */
  async function lead(leadership: Leadership): Promise<boolean> {
    const epoch = await beginEpoch(cluster, EPOCHS.term)
    const own = leadersCluster(cluster, { leadership, epoch, forgottenAfterMs: requestTimeoutMs, monotonicMs })
    const known = await untilLost(leadership, currentCaches(leadership, epoch))
    if (known === null || !leadership.isHeld()) return true
    term = startTerm({
      ...options,
      timers,
      random,
      cluster: own,
      caches: known,
      epoch,
      replicaRole: isShared ? 'leader' : 'standalone',
      onKnown: clusterId.resolve,
    })
    tellChange()
    firstTerm.resolve()
    await untilLost(leadership, new Promise(() => {}))
    const ending = term
    term = null
    tellChange()
    await ending.stop()
    await Promise.race([own.whenAnswered(), pause(timers, ANSWERED_WITHIN_MS, new AbortController().signal)])
    return own.isSettled()
  }

  /** As the cluster is when nobody else can change it any more by a decision of an earlier epoch (ADR 0012). */
  async function currentCaches({ mayHavePredecessor, lost }: Leadership, epoch: number): Promise<Caches> {
    const mustWait = isShared && mayHavePredecessor && epoch > 1
    const isWarm = caches !== null
    const known = caches ?? openCaches(cluster, log)
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

  function tellChange(): void {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  return {
    clusterId: clusterId.promise,
    get isLeading() {
      return term !== null
    },
    async whenQuiet(quiet) {
      for (;;) {
        const asked = term
        await (asked === null && !isStopped ? changed.promise : asked?.whenQuiet(quiet))
        if (isStopped || (asked !== null && asked === term)) return
      }
    },
    heartbeat: () => term?.heartbeat(),
    async stop() {
      isStopped = true
      tellChange()
      await election.stop()
      await Promise.all([caches && stopCaches(caches), options.link.close()])
      log.debug({ cluster: clusterName }, 'the agent has stopped')
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
