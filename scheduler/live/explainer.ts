import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { DomainClock, WallClock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import type { Cause } from '../plan/causes.ts'
import { describeCause } from '../plan/describe.ts'
import type { Explanation } from '../plan/plan.ts'
import type { Ledger } from './ledger.ts'
import { pendingPatch } from './patches.ts'

export interface ExplainerDeps {
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly clock: DomainClock
  readonly wall: WallClock
  readonly timers: Timers
  readonly log: Log
  readonly stopping: AbortSignal
}

/** Least wall time between two reasons written on one job. */
const PER_JOB_MS = 30_000
/** Reasons written in a second of wall time, and at once after a quiet one. */
const PER_SECOND = 50
const TICK_MS = 100

/**
 * Keeps on each waiting Job why it waits. A write for a change of the code only, so that figures that
 * move with every plan cost nothing, and so many a second, so that thousands of waiting jobs do not
 * crowd out admissions. What cannot be written yet is looked at again later, as it is by then.
 */
export class Explainer {
  readonly #deps: ExplainerDeps
  /** Jobs whose code on the Job is not the present one, oldest first. */
  readonly #wanted = new Map<string, Cause>()
  readonly #writtenMs = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<void>>()
  #tokens = PER_SECOND
  #filledMs: number
  #cancelTick: (() => void) | null = null

  constructor(deps: ExplainerDeps) {
    this.#deps = deps
    this.#filledMs = deps.wall.nowMs()
  }

  /** Takes the reasons of a plan, which speaks of every job that waits. */
  update(explanations: readonly Explanation[]): void {
    const { entries } = this.#deps.ledger
    for (const { jobs, cause } of explanations) {
      for (const { uid } of jobs) {
        if (entries.get(uid)?.read?.pendingCode === cause.code) this.#wanted.delete(uid)
        else this.#wanted.set(uid, cause)
      }
    }
    this.#drain()
  }

  /** The report on the job that is under way, if one is. */
  underWay(uid: string): Promise<void> | undefined {
    return this.#underWay.get(uid)
  }

  async stop(): Promise<void> {
    this.#cancelTick?.()
    await Promise.all(this.#underWay.values())
  }

  #drain(): void {
    this.#fill()
    const nowMs = this.#filledMs
    for (const [uid, cause] of this.#wanted) {
      if (this.#tokens < 1) break
      if (this.#deps.ledger.snapshot.pendingJob(uid) === undefined) {
        this.#wanted.delete(uid)
        continue
      }
      if (nowMs - (this.#writtenMs.get(uid) ?? Number.NEGATIVE_INFINITY) < PER_JOB_MS) continue
      if (this.#underWay.has(uid)) continue
      this.#wanted.delete(uid)
      this.#tokens -= 1
      this.#writtenMs.set(uid, nowMs)
      this.#underWay.set(uid, this.#write(uid, cause))
    }
    this.#forgetOldWrites(nowMs)
    if (this.#wanted.size === 0 || this.#cancelTick !== null || this.#deps.stopping.aborted) return
    this.#cancelTick = this.#deps.timers.after(TICK_MS, () => {
      this.#cancelTick = null
      this.#drain()
    })
  }

  async #write(uid: string, cause: Cause): Promise<void> {
    const { cluster, ledger, clock, log, stopping } = this.#deps
    const entry = ledger.entries.get(uid)
    try {
      if (!entry?.object || entry.read === null) return
      const ref = { namespace: entry.read.namespace, name: entry.read.name }
      const patch = pendingPatch(entry.object, describeCause(cause), clock.nowMs())
      ledger.confirmJob(await cluster.patch('Job', ref, patch))
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      // The next plan says again what is missing; nothing but the words is lost.
      if (!stopping.aborted) log.debug({ job: uid, code: error.code }, 'scheduler: reason not written')
    } finally {
      this.#underWay.delete(uid)
    }
  }

  #fill(): void {
    const nowMs = this.#deps.wall.nowMs()
    this.#tokens = Math.min(PER_SECOND, this.#tokens + ((nowMs - this.#filledMs) / 1000) * PER_SECOND)
    this.#filledMs = nowMs
  }

  /** Insertion order is order of time, so the first that is recent ends it. */
  #forgetOldWrites(nowMs: number): void {
    for (const [uid, atMs] of this.#writtenMs) {
      if (nowMs - atMs < PER_JOB_MS) return
      this.#writtenMs.delete(uid)
    }
  }
}
