import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { DomainClock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import type { Cause } from '../plan/causes.ts'
import { describeCause } from '../plan/describe.ts'
import type { Explanation } from '../plan/plan.ts'
import { jobObject } from './groups/jobObject.ts'
import type { JobEntry } from './jobEntry.ts'
import type { Ledger } from './ledger.ts'
import { pendingPatch } from './patches.ts'

export interface ExplainerDeps {
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly clock: DomainClock
  /** Of the present term. */
  readonly epoch: number
  /** Nobody can set it. */
  readonly monotonicMs: () => number
  readonly timers: Timers
  readonly log: Log
  readonly stopping: AbortSignal
  /** Called when an answer told something about a job. */
  readonly wake: () => void
}

/** Least wall time between two reasons written on one job. */
const PER_JOB_MS = 30_000
/** Reasons written in a second of wall time, and at once after a quiet one. */
const PER_SECOND = 50
/**
 * Part of the time that reasons may be under way, one after another. To the API server a reason is as much work as an
 * admission: the longer it takes to answer, the fewer it gets.
 */
const PART_OF_TIME = 0.2
/** How much the newest answer counts in what answers take. */
const NEWEST = 0.1
/** Least wall time between two looks at what plans say. */
const LOOK_MS = 100

/**
 * Keeps on each waiting Job why it waits. A write for a change of the code only, so that figures that
 * move with every plan cost nothing, and so many a second, so that thousands of waiting jobs do not
 * crowd out admissions. What cannot be written yet is looked at again later, as it is by then.
 */
export class Explainer {
  readonly #deps: ExplainerDeps
  /** Of the newest plan; null once everything in it has been told. */
  #untold: readonly Explanation[] | null = null
  readonly #writtenMs = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<void>>()
  #tokens = PER_SECOND
  /** How long an answer takes, on average. */
  #answerMs = 0
  #filledMs: number
  #cancelLook: (() => void) | null = null

  constructor(deps: ExplainerDeps) {
    this.#deps = deps
    this.#filledMs = deps.monotonicMs()
  }

  /** Takes the reasons of a plan, which speaks of every job that waits. */
  update(explanations: readonly Explanation[]): void {
    this.#untold = explanations
    this.#look()
  }

  /** The report on the job that is under way, if one is. */
  underWay(uid: string): Promise<void> | undefined {
    return this.#underWay.get(uid)
  }

  stop(): void {
    this.#cancelLook?.()
  }

  #look(): void {
    const { timers, stopping } = this.#deps
    if (this.#untold === null || this.#untold.length === 0 || this.#cancelLook !== null || stopping.aborted) return
    this.#fill()
    if (this.#tell(this.#untold)) this.#untold = null
    this.#cancelLook = timers.after(LOOK_MS, () => {
      this.#cancelLook = null
      this.#look()
    })
  }

  /** @returns whether nothing is left to write */
  #tell(explanations: readonly Explanation[]): boolean {
    const { entries } = this.#deps.ledger
    const nowMs = this.#filledMs
    this.#forgetOldWrites(nowMs)
    let isAllTold = true
    for (const { jobs, cause } of explanations) {
      for (const { uid } of jobs) {
        const entry = entries.get(uid)
        if (entry?.read?.pendingCode === cause.code || this.#deps.ledger.snapshot.pendingJob(uid) === undefined)
          continue
        isAllTold = false
        if (this.#tokens < 1) return false
        if (entry === undefined || this.#writtenMs.has(uid) || this.#underWay.has(uid)) continue
        this.#tokens -= 1
        this.#writtenMs.set(uid, nowMs)
        this.#underWay.set(uid, this.#write(entry, cause))
      }
    }
    return isAllTold
  }

  async #write(entry: JobEntry, cause: Cause): Promise<void> {
    const { cluster, ledger, clock, epoch, monotonicMs, log, stopping, wake } = this.#deps
    const { uid } = entry
    const sinceMs = monotonicMs()
    try {
      if (entry.object === null || entry.read === null) return
      const patch = pendingPatch(entry.object, describeCause(cause), clock.nowMs(), epoch)
      await jobObject(cluster, ledger, entry, patch).patch()
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      // The next plan says again what is missing; nothing but the words is lost.
      if (!stopping.aborted) log.debug({ job: uid, code: error.code }, 'scheduler: reason not written')
    } finally {
      this.#answerMs += NEWEST * (monotonicMs() - sinceMs - this.#answerMs)
      this.#underWay.delete(uid)
      wake()
    }
  }

  #fill(): void {
    const nowMs = this.#deps.monotonicMs()
    const perSecond = Math.min(PER_SECOND, (1000 * PART_OF_TIME) / this.#answerMs)
    this.#tokens = Math.min(Math.max(1, perSecond), this.#tokens + ((nowMs - this.#filledMs) / 1000) * perSecond)
    this.#filledMs = nowMs
  }

  /** Those left are the ones that must wait. Insertion order is order of time, so the first recent one ends it. */
  #forgetOldWrites(nowMs: number): void {
    for (const [uid, atMs] of this.#writtenMs) {
      if (nowMs - atMs < PER_JOB_MS) return
      this.#writtenMs.delete(uid)
    }
  }
}
