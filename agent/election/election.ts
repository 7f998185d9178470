import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { WallClock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { outageOf } from '../../platform/outage.ts'
import { pause, type Timers } from '../../platform/timers.ts'
import type { Holder } from './holder.ts'
import { holdLease, type Leadership } from './leadership.ts'
import { type Lease, readLease, writeLease } from './lease.ts'

export interface ElectionTimes {
  /** For so long nobody else takes a Lease that its holder does not renew. */
  durationMs: number
  /** A holder whose last renewal is longer ago leads no more; shorter, so that it has stopped when another begins. */
  renewWithinMs: number
  renewEveryMs: number
  /** Between two looks of those who wait. */
  pollMs: number
}
export const DEFAULT_TIMES: ElectionTimes = {
  durationMs: 15_000,
  renewWithinMs: 10_000,
  renewEveryMs: 3_000,
  pollMs: 2_000,
}

export interface ElectionOptions {
  cluster: Cluster
  holder: Holder
  times: ElectionTimes
  timers: Timers
  /** Never steps back, and knows nothing of the other machines' clocks: the Lease is judged by it alone. */
  monotonicMs: () => number
  /** For what people read in the Lease. */
  wall: WallClock
  log: Log
  /**
   * Leads until `leadership.lost`; resolves when it has stopped.
   * @returns whether every write of the term has been answered, so that the next leader need not wait
   */
  lead(leadership: Leadership): Promise<boolean>
}

export interface Election {
  /** Resolves when another one is known to lead; rejects with the ClusterError of the first look, or of the first term's begin. */
  readonly standsBy: Promise<void>
  /** Ends a term that is under way, and gives the Lease back. */
  stop(): Promise<void>
}

/** What was found instead of a leader, which says whether something of one may still be under way. */
type Vacancy = 'none' | 'released' | 'dead' | 'expired'

/** Stands for election for ever: leads a term whenever the Lease can be had. */
export function startElection(options: ElectionOptions): Election {
  const { cluster, holder, times, timers, monotonicMs, wall, log } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const standsBy = Promise.withResolvers<void>()
  standsBy.promise.catch(() => {}) // whoever does not wait for it is not disturbed by it
  const outage = outageOf(log, {}, 'election: the Lease cannot be had')
  let isFirstLook = true
  let seen: { version: string | undefined; sinceMs: number } | null = null
  /** Of an attempt whose answer may have been lost. */
  let attempted: Vacancy = 'none'

  const running = run()
  return {
    standsBy: standsBy.promise,
    async stop() {
      stopping.abort()
      standsBy.resolve()
      await running
    },
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const taken = await look()
      if (taken !== null) await leadTerm(taken.lease, taken.atMs)
      if (!signal.aborted) await pause(timers, times.pollMs, signal)
    }
  }

  /** @returns the Lease where it is ours now */
  async function look(): Promise<{ lease: Lease; atMs: number } | null> {
    try {
      const before = await readLease(cluster)
      const vacancy = vacancyOf(before)
      if (vacancy === null) {
        outage.over()
        return null
      }
      attempted = vacancy
      const atMs = monotonicMs()
      const lease = await writeLease(cluster, before, claim(holder.identity))
      outage.over()
      return { lease, atMs }
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      if (isFirstLook && !OVERTAKEN.has(error.code)) standsBy.reject(error)
      outage.failed(error)
      return null
    } finally {
      isFirstLook = false
    }
  }

  /** null: it is held, as far as can be known here. */
  function vacancyOf(lease: Lease | null): Vacancy | null {
    if (lease === null) return 'none'
    const { holderIdentity = '', leaseDurationSeconds } = lease.spec ?? {}
    if (holderIdentity === holder.identity) return attempted
    if (holderIdentity === '') return 'released'
    if (holder.isDead(holderIdentity)) return 'dead'
    const version = lease.metadata.resourceVersion
    if (seen === null || seen.version !== version) seen = { version, sinceMs: monotonicMs() }
    const lastsMs = Math.max(times.durationMs, (leaseDurationSeconds ?? 0) * 1_000)
    if (monotonicMs() - seen.sinceMs >= lastsMs) return 'expired'
    standsBy.resolve()
    return null
  }

  async function leadTerm(lease: Lease, takenAtMs: number): Promise<void> {
    log.info({ vacancy: attempted }, 'election: this agent leads')
    const held = holdLease({
      ...options,
      lease,
      takenAtMs,
      mayHavePredecessor: attempted === 'expired' || attempted === 'none',
    })
    const stop = () => held.giveUp('this agent stops')
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    let isSettled = false
    try {
      isSettled = await options.lead(held)
    } catch (error) {
      log.error({ err: error }, 'election: the term could not begin')
      standsBy.reject(error)
    }
    signal.removeEventListener('abort', stop)
    held.giveUp('the term is over')
    const last = await held.ended
    seen = null
    if (last !== null && isSettled) await release(last)
  }

  async function release(lease: Lease): Promise<void> {
    try {
      await writeLease(cluster, lease, claim(''))
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      log.info({ err: error }, 'election: the Lease was not given back; it runs out by itself')
    }
  }

  function claim(identity: string) {
    return { identity, durationMs: times.durationMs, nowMs: wall.nowMs() }
  }
}

/** Another one wrote between our look and our write. */
const OVERTAKEN: ReadonlySet<string> = new Set(['INVALID', 'CONFLICT', 'ALREADY_EXISTS'])
