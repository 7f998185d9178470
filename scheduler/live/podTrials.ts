import type { Cluster } from '../../kubernetes/cluster.ts'
import { backoffMs, type Timers } from '../../platform/timers.ts'
import type { JobEntry } from './jobEntry.ts'
import type { Ledger } from './ledger.ts'
import type { Template } from './templateBook.ts'
import { tryTemplate } from './trialPod.ts'

interface PodTrialsDeps {
  readonly cluster: Cluster
  readonly ledger: Ledger
  /** Nobody can set it. */
  readonly monotonicMs: () => number
  readonly timers: Timers
  readonly random: () => number
  readonly stopping: AbortSignal
  /** Called when an answer came, or is to be asked for again. */
  readonly wake: () => void
}

/** Trials under way at once. */
const AT_ONCE = 4
/** Until an answer is asked for again: LimitRanges and the like change without a word to us. */
const RENEW_MS = 60_000
/** The same for an answer that may be another soon, at first; it doubles up to RENEW_MS. */
const FIRST_RETRY_MS = 500
const LOOK_MS = 1_000
/** Answers renewed at one look, so that ten thousand templates are no load on the API server. */
const RENEWED_AT_ONCE = 10

/**
 * Finds out what the pods of each template ask for, and keeps that up to date for as long as it matters. A job
 * takes its turn before its template has been tried, as what it says itself; it is not admitted before.
 */
export class PodTrials {
  readonly #deps: PodTrialsDeps
  /** When each answer is to be renewed, by monotonicMs; the longest known first. */
  readonly #due = new Map<Template, { atMs: number; failures: number }>()
  readonly #underWay = new Map<Template, Promise<void>>()
  #cancelLook: (() => void) | null = null

  constructor(deps: PodTrialsDeps) {
    this.#deps = deps
  }

  /** Whether an answer is awaited, or nobody has been asked yet. */
  get isBusy(): boolean {
    return this.#underWay.size > 0 || this.#deps.ledger.templates.untried.size > 0
  }

  /** Tries whatever is to be tried. */
  update(): void {
    for (const template of this.#deps.ledger.templates.untried) {
      if (this.#underWay.size >= AT_ONCE) return
      void this.#try(template)
    }
  }

  /** Resolves when the template of the job's pods has been tried; undefined where it has been. */
  tried({ template }: JobEntry): Promise<void> | undefined {
    return template === null || template.answer !== null ? undefined : this.#try(template)
  }

  stop(): void {
    this.#cancelLook?.()
  }

  #try(template: Template): Promise<void> {
    const { ledger, wake } = this.#deps
    ledger.templates.untried.delete(template)
    const underWay = this.#underWay.get(template)
    if (underWay !== undefined) return underWay
    const answered = this.#ask(template).finally(() => {
      this.#underWay.delete(template)
      wake()
    })
    this.#underWay.set(template, answered)
    return answered
  }

  async #ask(template: Template): Promise<void> {
    const { cluster, ledger, stopping } = this.#deps
    const [entry] = template.jobs
    if (!entry?.object) return
    const { answer, isPassing } = await tryTemplate(cluster, entry.object)
    if (stopping.aborted || template.jobs.size === 0) return
    this.#renewLater(template, isPassing)
    ledger.setAnswer(template, answer)
  }

  #renewLater(template: Template, isPassing: boolean): void {
    const { monotonicMs, random } = this.#deps
    const failures = isPassing ? (this.#due.get(template)?.failures ?? 0) + 1 : 0
    const waitMs = isPassing ? backoffMs(failures - 1, FIRST_RETRY_MS, RENEW_MS, random) : RENEW_MS
    this.#due.delete(template)
    this.#due.set(template, { atMs: monotonicMs() + waitMs, failures })
    this.#cancelLook ??= this.#deps.timers.after(LOOK_MS, () => this.#look())
  }

  #look(): void {
    const { ledger, monotonicMs, timers, wake } = this.#deps
    const nowMs = monotonicMs()
    let renewed = 0
    for (const [template, { atMs }] of this.#due) {
      if (template.jobs.size === 0) this.#due.delete(template)
      else if (atMs <= nowMs && renewed < RENEWED_AT_ONCE && !ledger.templates.untried.has(template)) {
        ledger.templates.untried.add(template)
        renewed += 1
      }
    }
    this.#cancelLook = this.#due.size === 0 ? null : timers.after(LOOK_MS, () => this.#look())
    if (renewed > 0) wake()
  }
}
