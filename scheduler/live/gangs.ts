import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { annotations, DEFAULT_QUEUE, labels } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { type DomainClock, wholeSeconds } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { inSpan } from '../../platform/telemetry/spans.ts'
import { backoffMs, type Timers } from '../../platform/timers.ts'
import { encodeAssignment, type Place } from '../model/assignment.ts'
import type { Nomination } from '../model/job.ts'
import type { Patience } from '../model/policy.ts'
import { bindingOf } from './bindPod.ts'
import { VolumeBinding } from './bindVolumes.ts'
import { type ChangeOutcome, changeJob } from './changeJob.ts'
import { bindWithClaims } from './claims/bindWithClaims.ts'
import { claimTroubleOf, claimUnusable, isStillAllocated } from './claims/claimTrouble.ts'
import { GroupPods } from './groups/groupPods.ts'
import { admissionOf, hasComeUp, type JobEntry, pairsToBind, unfilledSlots, usedSlots } from './jobEntry.ts'
import type { Ledger } from './ledger.ts'
import { admissionPatch, nominationPatch, nominationText, requeuePatch, resizePatch } from './patches.ts'
import type { Grown, ReadAdmission } from './readJob.ts'
import type { ReadPod } from './readPod.ts'
import type { SchedulerMetrics } from './schedulerMetrics.ts'
import { traceOfJob } from './traceOfJob.ts'
import { type Trouble, type TroubleReason, troubleOf } from './trouble.ts'
import type { Writes } from './writes.ts'

export interface GangDeps {
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly policy: { readonly patience: Patience }
  readonly writes: Writes
  readonly clock: DomainClock
  /** Of the present term. */
  readonly epoch: number
  readonly timers: Timers
  readonly random: () => number
  readonly log: Log
  readonly stopping: AbortSignal
  /** Resolves when no report on that job is under way, which would make its newest version unknown. */
  readonly reported: (uid: string) => Promise<void> | undefined
  /** Resolves when it is known what the job's pods ask for; undefined where it is. */
  readonly tried: (entry: JobEntry) => Promise<void> | undefined
  readonly metrics: SchedulerMetrics
  /** Called when something changed that another look may be worth. */
  readonly wake: () => void
}

/** Not the job's doing: it may try again at once. */
const DONE_TO_IT: ReadonlySet<TroubleReason> = new Set([
  'NodeLost',
  'NodeDrained',
  'QueueDrained',
  'VolumeElsewhere',
  'Preempted',
])
/** What is known of its template cannot be right any more. */
const SHOWS_OTHER_PODS: ReadonlySet<TroubleReason> = new Set(['PodLargerThanTemplate', 'PodsNotCreated'])
/** Wall time until a write that was refused for good is thought of again. */
const HELD_BACK_MS = 30_000

/** Carries admitted gangs from the decision until their pods run, or back into the queue. */
export class Gangs {
  readonly #deps: GangDeps
  readonly #volumes: VolumeBinding
  readonly #groupPods: GroupPods
  readonly #deadlines = new Map<string, { atMs: number; cancel: () => void }>()
  /** Cancels, by node that is avoided. */
  readonly #avoided = new Map<string, () => void>()

  /** Cancels, of those that are given no more for a while. */
  readonly #pauses = new Set<() => void>()

  /** Jobs for which others are about to be stopped. */
  readonly #nominating = new Set<JobEntry>()

  /** Changes of Jobs and Bindings begun and not answered, attempts that wait included. */
  underWay = 0

  constructor(deps: GangDeps) {
    this.#deps = deps
    this.#volumes = new VolumeBinding(deps)
    this.#groupPods = new GroupPods({ ...deps, answered: (entry, what, run) => this.#answered(entry, what, run) })
  }

  /** Makes an admission come true. It counts from now on. */
  admit(entry: JobEntry, admission: ReadAdmission): void {
    const { ledger, cluster, writes, reported, tried, metrics } = this.#deps
    const { object: before } = entry
    const planned = entry.read
    // A label is no part of the generation, and the quota that was planned with is the queue's.
    const isAsPlanned = ({ metadata }: Job) =>
      metadata.generation === planned?.generation &&
      (metadata.labels?.[labels.queue] ?? DEFAULT_QUEUE) === planned?.queue
    const asksAsPlanned = () => JSON.stringify(entry.read?.demand) === JSON.stringify(planned?.demand)
    ledger.setChange(entry, { kind: 'admit', admission })
    const carryOut = async () => {
      await Promise.all([reported(entry.uid), tried(entry)])
      if (!asksAsPlanned()) return 'refused'
      return changeJob(
        cluster,
        writes,
        ledger,
        entry,
        (job) => job.spec?.suspend === false && admission.text === assignmentText(job),
        (job) => (job.spec?.suspend && isAsPlanned(job) ? admissionPatch(job, admission) : null),
      )
    }
    const answered = this.#change(entry, 'admit', () => inSpan('admit', traceOfJob(entry), carryOut))
    void answered.then((outcome) => {
      if (outcome === 'done') metrics.admitted(entry, before, admission.admittedAtMs)
      else metrics.notAdmitted(outcome === null ? 'failed' : 'conflict')
    })
  }

  /** Gives an elastic job that runs more places, which count from now on. */
  grow(entry: JobEntry, places: readonly Place[]): void {
    const before = admissionOf(entry)
    if (before === null || entry.change !== null) return
    const { slots } = before.assignment
    const grown = [...(before.grown ?? []), { from: slots.length, atMs: wholeSeconds(this.#deps.clock.nowMs()) }]
    this.#resize(entry, before, [...slots, ...places], grown)
  }

  #resize(entry: JobEntry, before: ReadAdmission, slots: readonly Place[], grown: readonly Grown[]): void {
    const { ledger, cluster, writes, epoch } = this.#deps
    const assignment = { ...before.assignment, slots }
    const text = encodeAssignment(assignment)
    if (text === null) return
    const admission = { ...before, assignment, text, grown, epoch }
    const isAsPlanned = (job: Job) => job.spec?.suspend === false && assignmentText(job) === before.text
    ledger.setChange(entry, { kind: 'resize', admission })
    void this.#change(entry, 'resize', () =>
      changeJob(
        cluster,
        writes,
        ledger,
        entry,
        (job) => assignmentText(job) === text,
        (job) => (isAsPlanned(job) && entry.read?.isOver === false ? resizePatch(job, admission) : null),
      ),
    )
  }

  /** Looks at a job of which something changed, and does what that asks for. */
  tend(entry: JobEntry): void {
    this.#groupPods.tend(entry)
    const { read, change, isHeldBack, tenantId } = entry
    if (read === null || tenantId === null || read.isOver || read.isSuspended) this.#clearDeadline(entry)
    else if (change === null && !isHeldBack) {
      const trouble = troubleOf(entry, this.#deps.ledger) ?? claimTroubleOf(entry, this.#deps.ledger)
      const pairs = trouble === null ? pairsToBind(entry) : null
      if (trouble !== null) this.requeue(entry, trouble)
      else if (pairs === null) this.#awaitPods(entry)
      else this.#bindOnceVolumesAre(entry, pairs)
    }
  }

  /** Suspends the Job again, with the reason. */
  requeue(entry: JobEntry, trouble: Trouble): void {
    const { ledger, cluster, policy, writes, clock, random, log, metrics } = this.#deps
    const { firstBackoffMs, lastBackoffMs } = policy.patience
    const nowMs = clock.nowMs()
    const before = entry.read?.requeue?.attempt ?? 0
    const isOwnDoing = !DONE_TO_IT.has(trouble.reason)
    const attempt = isOwnDoing ? before + 1 : before
    const waitMs = isOwnDoing ? backoffMs(before, firstBackoffMs, lastBackoffMs, random) : 0
    const { reason, message, fix } = trouble
    const eviction = { reason, message, fix, attempt, notBeforeMs: nowMs + waitMs }
    log.info({ job: `${entry.read?.namespace}/${entry.read?.name}`, reason, message, attempt }, 'scheduler: requeued')
    if (SHOWS_OTHER_PODS.has(reason)) ledger.templates.doubt(entry)
    if (trouble.avoid !== undefined) this.#avoid(trouble.avoid, nowMs)
    this.#clearDeadline(entry)
    ledger.setChange(entry, { kind: 'requeue' })
    const answered = this.#change(entry, 'requeue', () =>
      changeJob(
        cluster,
        writes,
        ledger,
        entry,
        (job) => job.spec?.suspend === true,
        (job) => (job.spec?.suspend === true ? null : requeuePatch(job, eviction, nowMs, this.#deps.epoch)),
      ),
    )
    void answered.then((outcome) => {
      if (outcome === 'done') metrics.evicted(entry, reason)
    })
  }

  /**
   * Has others stopped for the job: first it is written on the job for whom, so that whoever goes on after a crash
   * knows that it has its turn first, then each of them is suspended.
   */
  preempt(entry: JobEntry, nomination: Nomination): void {
    const { ledger, cluster, writes, reported, epoch } = this.#deps
    if (entry.change !== null || this.#nominating.has(entry)) return
    const text = nominationText(nomination)
    // Room for a job whose places could not be written would be made for nothing.
    if (text === null) return
    const isSaid = (job: Job) => job.metadata.annotations?.[annotations.nomination] === text
    this.#nominating.add(entry)
    const nominate = async () => {
      await reported(entry.uid)
      const outcome = await changeJob(cluster, writes, ledger, entry, isSaid, (job) =>
        job.spec?.suspend === true ? nominationPatch(job, text, epoch) : null,
      )
      if (outcome !== 'done') return
      for (const uid of nomination.victims) this.#stop(ledger.entries.get(uid))
    }
    void this.#answered(entry, 'nominate', nominate).finally(() => this.#nominating.delete(entry))
  }

  #stop(victim: JobEntry | undefined): void {
    if (victim === undefined || admissionOf(victim) === null || victim.change !== null) return
    this.requeue(victim, {
      reason: 'Preempted',
      message: 'It was stopped to make room for a job that goes before it.',
      fix: 'Nothing needs doing: it has kept its place, and starts again as soon as there is room.',
    })
  }

  stop(): void {
    for (const { cancel } of this.#deadlines.values()) cancel()
    for (const cancel of this.#avoided.values()) cancel()
    for (const cancel of this.#pauses) cancel()
  }

  /** @returns null where there was no answer, or a refusal for good */
  async #change(entry: JobEntry, what: string, run: () => Promise<ChangeOutcome>): Promise<ChangeOutcome | null> {
    const { ledger, log } = this.#deps
    let outcome: ChangeOutcome | null = null
    await this.#answered(entry, what, async () => {
      outcome = await run()
      // The watch will tell that it is gone; until then it must not be offered again.
      if (outcome === 'gone') ledger.setHeldBack(entry, true)
      if (outcome === 'refused') log.info({ job: entry.uid, what }, 'scheduler: the Job has changed, decided anew')
    })
    ledger.setChange(entry, null)
    return outcome
  }

  /** Runs writes of a job to their answer; a refusal for good takes the job out of everything for a while. */
  async #answered(entry: JobEntry, what: string, run: () => Promise<void>): Promise<void> {
    const { log, wake, stopping } = this.#deps
    this.underWay += 1
    try {
      await run()
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      if (stopping.aborted) return
      log.error({ job: entry.uid, what, code: error.code, err: error }, 'scheduler: refused')
      this.#holdBack(entry)
    } finally {
      this.underWay -= 1
      wake()
    }
  }

  #bindOnceVolumesAre(entry: JobEntry, pairs: readonly { pod: ReadPod; slot: number }[]): void {
    const volumes = pairs.length === 0 ? 'ready' : this.#volumes.look(entry)
    if (volumes === 'ready') this.#bindAll(entry, pairs)
    else if (volumes === 'waiting') this.#awaitPods(entry)
    else this.requeue(entry, volumes)
  }

  #bindAll(entry: JobEntry, pairs: readonly { pod: ReadPod; slot: number }[]): void {
    this.#clearDeadline(entry)
    for (const { pod, slot } of pairs) this.#bind(entry, pod, slot)
    entry.cameUpAtMs = admissionOf(entry)?.admittedAtMs ?? null
  }

  #bind(entry: JobEntry, pod: ReadPod, slot: number): void {
    const { ledger, cluster, writes, epoch, metrics } = this.#deps
    const place = admissionOf(entry)?.assignment.slots[slot]
    const node = ledger.nodes.spec(place?.node ?? '')
    const binding = bindingOf(entry, pod, slot, node, epoch)
    const devices = node?.devices.filter(({ index }) => place?.devices.includes(index)) ?? []
    if (binding === null || isStillAllocated(pod, devices, ledger)) return
    const claiming = { cluster, writes, epoch, classOf: (name: string) => ledger.claims.classOf(name) }
    ledger.setBinding(entry, pod.uid, slot)
    void this.#answered(entry, 'bind', async () => {
      const where = { 'k8s.pod.name': pod.name, 'k8s.node.name': binding.node }
      const bind = () => bindWithClaims(claiming, pod, binding, devices)
      const outcome = await inSpan('bind', traceOfJob(entry, where), bind).catch((error: unknown) => {
        ledger.setBinding(entry, pod.uid, null)
        metrics.bindAnswered('failed')
        throw error
      })
      metrics.bindAnswered(outcome === 'bound' ? 'bound' : 'conflict')
      if (outcome === 'bound' || outcome === 'lost') return
      ledger.setBinding(entry, pod.uid, null)
      if (outcome === 'unsettled') this.#holdBack(entry)
      else if (entry.change === null) this.requeue(entry, claimUnusable(outcome.unusable))
    })
  }

  /** Takes the job out of everything for a while. */
  #holdBack(entry: JobEntry): void {
    const { ledger, timers, wake } = this.#deps
    ledger.setHeldBack(entry, true)
    timers.after(HELD_BACK_MS, () => {
      ledger.setHeldBack(entry, false)
      wake()
    })
  }

  /** The pods of a gang, or those that an elastic job was given places for while it runs. */
  #awaitPods(entry: JobEntry): void {
    const admission = admissionOf(entry)
    if (admission === null) return
    const last = hasComeUp(entry) ? admission.grown?.at(-1) : { from: 0, atMs: admission.admittedAtMs }
    if (last === undefined) return
    const slots = admission.assignment.slots.length - last.from
    const { gangBaseMs, gangPodsPerSecond } = this.#deps.policy.patience
    const atMs = last.atMs + gangBaseMs + (slots / gangPodsPerSecond) * 1000
    const known = this.#deadlines.get(entry.uid)
    if (known?.atMs === atMs) return
    known?.cancel()
    const cancel = this.#deps.clock.schedule(atMs, () => this.#giveUp(entry, admission))
    this.#deadlines.set(entry.uid, { atMs, cancel })
  }

  /** What an elastic job has had no pods for is somebody else's again, and it is given no more for a while. */
  #giveBack(entry: JobEntry, admission: ReadAdmission): void {
    const { ledger, policy, clock, wake } = this.#deps
    const count = usedSlots(entry, admission)
    if (count >= admission.assignment.slots.length) return
    entry.isFullGrown = true
    const cancel = clock.schedule(clock.nowMs() + policy.patience.lastBackoffMs, () => {
      this.#pauses.delete(cancel)
      entry.isFullGrown = false
      ledger.settle(entry)
      wake()
    })
    this.#pauses.add(cancel)
    const grown = (admission.grown ?? []).filter(({ from }) => from < count)
    this.#resize(entry, admission, admission.assignment.slots.slice(0, count), grown)
    wake()
  }

  #giveUp(entry: JobEntry, admission: ReadAdmission): void {
    this.#deadlines.delete(entry.uid)
    const isStillWaited = admissionOf(entry) === admission && entry.change === null
    if (!isStillWaited) return
    if (hasComeUp(entry)) {
      this.#giveBack(entry, admission)
      return
    }
    if (pairsToBind(entry) !== null) {
      if (this.#volumes.look(entry) === 'waiting') this.requeue(entry, VOLUME_NOT_BOUND)
      this.#deps.wake()
      return
    }
    const missing = unfilledSlots(entry).length - [...entry.pods.values()].filter((pod) => pod.isCandidate).length
    this.requeue(entry, {
      reason: 'PodsNotCreated',
      message: `${missing} of its ${admission.assignment.slots.length} pods were not created in time.`,
      fix: 'See the Job’s events: a ResourceQuota, a LimitRange or an admission policy of the namespace may refuse pods.',
    })
    this.#deps.wake()
  }

  #clearDeadline({ uid }: JobEntry): void {
    this.#deadlines.get(uid)?.cancel()
    this.#deadlines.delete(uid)
  }

  #avoid(node: string, nowMs: number): void {
    const { ledger, clock, policy, wake } = this.#deps
    ledger.nodes.setAvoided(node, true)
    this.#avoided.get(node)?.()
    const cancel = clock.schedule(nowMs + policy.patience.avoidNodeMs, () => {
      this.#avoided.delete(node)
      ledger.nodes.setAvoided(node, false)
      wake()
    })
    this.#avoided.set(node, cancel)
  }
}

const VOLUME_NOT_BOUND: Trouble = {
  reason: 'VolumeNotBound',
  message: 'A volume that its pods use was not made in time.',
  fix: 'See the events of its PersistentVolumeClaims: their provisioner may have no room, or not run.',
}

function assignmentText(job: { metadata: { annotations?: Record<string, string> } }): string | undefined {
  return job.metadata.annotations?.[annotations.assignment]
}
