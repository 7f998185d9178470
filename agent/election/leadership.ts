import { ClusterError } from '../../kubernetes/cluster.ts'
import { outageOf } from '../../platform/outage.ts'
import { pause } from '../../platform/timers.ts'
import type { ElectionOptions } from './election.ts'
import { type Lease, readLease, writeLease } from './lease.ts'

/** What a leader knows of its term. */
export interface Leadership {
  /** Aborts at once when the Lease is lost, was not renewed in time, or is given up. */
  readonly lost: AbortSignal
  /** Asked before each write: a process that was paused wakes before its timers do. */
  isHeld(): boolean
  giveUp(reason: string): void
  /** Requests of an earlier leader may still be under way, or be sent by one that was paused. */
  readonly mayHavePredecessor: boolean
}

interface HeldLease extends Leadership {
  /** Resolves when nothing renews it any more, with its last version where it is still ours. */
  readonly ended: Promise<Lease | null>
}

type HoldOptions = Pick<ElectionOptions, 'cluster' | 'holder' | 'times' | 'timers' | 'monotonicMs' | 'wall' | 'log'> & {
  lease: Lease
  takenAtMs: number
  mayHavePredecessor: boolean
}

/** Between two attempts at a renewal that failed. */
const RETRY_MS = 500

/** Renews the Lease until it is lost or given up. */
export function holdLease(options: HoldOptions): HeldLease {
  const { cluster, holder, times, timers, monotonicMs, wall, log, mayHavePredecessor } = options
  const ending = new AbortController()
  const { signal } = ending
  const outage = outageOf(log, {}, 'election: the Lease is not renewed')
  let current: Lease | null = options.lease
  let validUntilMs = options.takenAtMs + times.renewWithinMs
  let cancelDeadline = armDeadline()

  return { lost: signal, isHeld, giveUp: end, mayHavePredecessor, ended: keep() }

  function isHeld(): boolean {
    if (!signal.aborted && monotonicMs() >= validUntilMs) end('it was not renewed in time')
    return !signal.aborted
  }

  function end(reason: string): void {
    if (signal.aborted) return
    cancelDeadline()
    log.info({ reason }, 'election: this agent leads no more')
    ending.abort()
  }

  function armDeadline(): () => void {
    return timers.after(Math.max(0, validUntilMs - monotonicMs()), () => {
      if (isHeld()) cancelDeadline = armDeadline()
    })
  }

  async function keep(): Promise<Lease | null> {
    for (let waitMs = times.renewEveryMs; ; ) {
      await pause(timers, waitMs, signal)
      if (signal.aborted) return current
      waitMs = (await renew()) ? times.renewEveryMs : RETRY_MS
    }
  }

  async function renew(): Promise<boolean> {
    // From before the request: the others may have seen it as early as that.
    const sentAtMs = monotonicMs()
    const claim = { identity: holder.identity, durationMs: times.durationMs, nowMs: wall.nowMs() }
    try {
      current = await writeLease(cluster, current, claim)
      extend(sentAtMs)
      outage.over()
      return true
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      outage.failed(error)
      await readAgain()
      return false
    }
  }

  /** After an answer that was lost, or a write of somebody else: the Lease says whose it is. */
  async function readAgain(): Promise<void> {
    try {
      const lease = await readLease(cluster)
      const isOurs = lease?.spec?.holderIdentity === holder.identity
      current = isOurs ? lease : null
      if (!isOurs) end(lease === null ? 'the Lease was deleted' : 'another one holds the Lease')
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
    }
  }

  function extend(sentAtMs: number): void {
    if (signal.aborted) return
    validUntilMs = sentAtMs + times.renewWithinMs
    cancelDeadline()
    cancelDeadline = armDeadline()
  }
}
