import { strict as assert } from 'node:assert'
import type { Cluster } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import type { Kind, Kinds } from '../../kubernetes/objects.ts'
import { type DomainClock, wholeSeconds } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { secondsSince } from '../../platform/telemetry/metrics.ts'
import { systemTimers, type Timers } from '../../platform/timers.ts'
import { encodeAssignment } from '../model/assignment.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { Memo } from '../plan/memo.ts'
import { type Admission, type Plan, plan } from '../plan/plan.ts'
import { Explainer } from './explainer.ts'
import { Gangs } from './gangs.ts'
import { admissionOf, type JobEntry } from './jobEntry.ts'
import { Ledger } from './ledger.ts'
import type { HolderKey } from './nodeBook.ts'
import { PodTrials } from './podTrials.ts'
import { PolicyBook } from './policyBook.ts'
import { QueueReporter } from './queueReporter.ts'
import { type ReplicaRole, SchedulerMetrics } from './schedulerMetrics.ts'
import { Writes } from './writes.ts'

/** Shared informers over the whole cluster; the scheduler does not stop them. */
export interface SchedulerCaches {
  readonly jobs: Informer<'Job'>
  readonly pods: Informer<'Pod'>
  readonly nodes: Informer<'Node'>
  readonly queues: Informer<'Queue'>
  readonly policies: Informer<'SchedulingPolicy'>
  readonly namespaces: Informer<'Namespace'>
  readonly budgets: Informer<'PodDisruptionBudget'>
  readonly volumeClaims: Informer<'PersistentVolumeClaim'>
  readonly volumes: Informer<'PersistentVolume'>
  readonly storageClasses: Informer<'StorageClass'>
  readonly claims: Informer<'ResourceClaim'>
  readonly claimTemplates: Informer<'ResourceClaimTemplate'>
  readonly slices: Informer<'ResourceSlice'>
  readonly classes: Informer<'DeviceClass'>
}

export interface SchedulerOptions {
  readonly cluster: Cluster
  readonly caches: SchedulerCaches
  readonly clock: DomainClock
  /** Of waits and rates: nobody can set it. */
  readonly monotonicMs: () => number
  /** Term of this scheduler: stands on all it decides. */
  readonly epoch: number
  readonly log: Log
  readonly timers?: Timers
  readonly random?: () => number
  /** What its metrics say it is; without siblings it is standalone. */
  readonly replicaRole?: () => ReplicaRole
}

export interface Scheduler {
  /**
   * Nothing to decide and no answer awaited at the present domain time, as far as the caches have told.
   * Reasons and queue status, which are written at leisure, do not count.
   */
  idle(): boolean
  whenIdle(): Promise<void>
  /** What plans are made from, for whoever wants to ask `plan` the same. */
  readonly snapshot: Snapshot
  /** Grows with each plan: as long as it stands, so does the snapshot. */
  readonly version: number
  /** At once, whatever is under way: a later scheduler finds everything in the cluster. Whoever waits for idleness waits no longer. */
  stop(): void
}

/** Requests under way at once. */
const MAX_WRITES = 32

/** Keeps a cluster's jobs moving: from the caches into the ledger, through `plan`, into patches and Bindings. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { cluster, caches, clock, monotonicMs, epoch, log, timers = systemTimers, random = Math.random } = options
  const stopper = new AbortController()
  const stopping = stopper.signal
  const waiters = new Set<() => void>()
  const unsubscribe: (() => void)[] = []
  let isWatching = false
  let isDue = false
  let isReplanNeeded = false
  let version = 0
  let planTimer: { atMs: number; cancel: () => void } | null = null
  const ledger = new Ledger()
  const memo = new Memo()
  const writes = new Writes({ limit: MAX_WRITES, timers, random, log, stopping })
  const trials = new PodTrials({ cluster, ledger, monotonicMs, timers, random, stopping, wake })
  const explainer = new Explainer({ cluster, ledger, clock, epoch, monotonicMs, timers, log, stopping, wake })
  const reporter = new QueueReporter({ cluster, book: ledger.queues, queues: caches.queues, clock, timers, log })
  const policy = new PolicyBook({
    cluster,
    policies: caches.policies,
    clock,
    timers,
    log,
    changed(followed) {
      ledger.observePolicy(followed)
      wake()
    },
  })
  const metrics = new SchedulerMetrics({ ledger, caches, replicaRole: options.replicaRole ?? (() => 'standalone') })
  const reported = (uid: string) => explainer.underWay(uid)
  const tried = (entry: JobEntry) => trials.tried(entry)
  const gangs = new Gangs({
    cluster,
    ledger,
    policy,
    writes,
    clock,
    epoch,
    timers,
    random,
    log,
    stopping,
    reported,
    tried,
    wake,
    metrics,
  })

  void start()

  return {
    idle: isIdle,
    whenIdle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => waiters.add(resolve))),
    snapshot: ledger.snapshot,
    get version() {
      return version
    },
    stop() {
      stopper.abort()
      for (const off of unsubscribe) off()
      planTimer?.cancel()
      for (const part of [gangs, trials, explainer, reporter, metrics, policy]) part.stop()
      for (const resolve of waiters) resolve()
    },
  }

  async function start(): Promise<void> {
    const { namespaces, queues, nodes, jobs, pods, budgets, slices, classes, claimTemplates, claims } = caches
    const { volumeClaims, volumes, storageClasses } = caches
    await Promise.all(Object.values(caches).map((cache) => cache.synced))
    if (stopping.aborted) return
    unsubscribe.push(
      follow(namespaces, (namespace, isGone) => ledger.observeNamespace(namespace, isGone)),
      follow(queues, (queue, isGone) => ledger.observeQueue(queue, isGone)),
      follow(budgets, (budget, isGone) => ledger.observeBudget(budget, isGone)),
      follow(storageClasses, (storageClass, isGone) => ledger.observeStorageClass(storageClass, isGone)),
      follow(volumes, (volume, isGone) => ledger.observeVolume(volume, isGone)),
      follow(volumeClaims, (claim, isGone) => ledger.observeVolumeClaim(claim, isGone)),
      follow(slices, (slice, isGone) => ledger.observeSlice(slice, isGone)),
      follow(classes, (deviceClass, isGone) => ledger.observeClass(deviceClass, isGone)),
      follow(claimTemplates, (template, isGone) => ledger.observeTemplate(template, isGone)),
      follow(claims, (claim, isGone) => ledger.observeClaim(claim, isGone)),
      follow(nodes, (node, isGone) => ledger.observeNode(node, isGone)),
      follow(jobs, (job, isGone) => (isGone ? ledger.removeJob(job) : ledger.observeJob(job))),
      follow(pods, (pod, isGone) => ledger[isGone ? 'removePod' : 'observePod'](pod, clock.nowMs())),
    )
    ledger.snapshot.reservedFor = ledger.reservedFor()
    isWatching = true
    wake()
  }

  function follow<K extends Kind>(cache: Informer<K>, observe: (object: Kinds[K], isGone: boolean) => void) {
    return cache.onChange(({ type, object }) => {
      observe(object, type === 'DELETED')
      if (isWatching) wake()
    })
  }

  /** Everything that comes in one turn of the event loop is decided on together. */
  function wake(): void {
    if (isDue || !isWatching || stopping.aborted) return
    isDue = true
    metrics.setBusy(true)
    setImmediate(() => {
      isDue = false
      if (!stopping.aborted) decide()
      if (!isIdle()) return
      metrics.setBusy(false)
      for (const resolve of waiters) resolve()
      waiters.clear()
    })
  }

  function decide(): void {
    // First of all: a device that was given twice must not get a second pod.
    const { changed, overfull } = ledger.refresh(clock.nowMs())
    for (const holders of overfull) settleConflict(holders)
    tendAll()
    const hasTended = ledger.refresh(clock.nowMs()).changed
    if (changed || hasTended || isReplanNeeded) carryOut(planNow())
    tendAll()
    trials.update()
    reporter.update()
  }

  function planNow(): Plan {
    const startMs = performance.now()
    version += 1
    const planned = plan(ledger.snapshot, clock.nowMs(), memo)
    metrics.planned(planned, secondsSince(startMs))
    return planned
  }

  function tendAll(): void {
    for (const entry of ledger.attention) {
      ledger.attention.delete(entry)
      gangs.tend(entry)
    }
  }

  function carryOut({ admissions, preemptions, reservations, growths, explanations, againAtMs }: Plan): void {
    for (const admission of admissions) admit(admission)
    ledger.snapshot.reservedFor = reservations[0]?.job.uid ?? null
    for (const { job, ...nomination } of preemptions) {
      const entry = ledger.entries.get(job.uid)
      if (entry) gangs.preempt(entry, nomination)
    }
    const isNothingKept = explanations.length > 0 && reservations.length === 0
    // Those it admitted have declared ends as well, from which places may be kept for whoever waits behind them.
    isReplanNeeded = isNothingKept && admissions.some(({ job }) => job.maxRuntimeMs !== null)
    for (const { job, places } of isReplanNeeded ? [] : growths) {
      const entry = ledger.entries.get(job.uid)
      if (entry) gangs.grow(entry, places)
    }
    // What was planned is now in the ledger, and a plan that has been carried out has nothing to add.
    ledger.refresh(clock.nowMs())
    planAgainAt(againAtMs)
    if (isReplanNeeded) wake()
    else explainer.update(explanations)
  }

  function admit({ job, assignment }: Admission): void {
    const entry = ledger.entries.get(job.uid)
    const text = encodeAssignment(assignment)
    assert(
      entry !== undefined && text !== null,
      'a plan admits jobs of the ledger, with assignments that can be written',
    )
    const admittedAtMs = wholeSeconds(clock.nowMs())
    gangs.admit(entry, { assignment, text, admittedAtMs, epoch })
  }

  /**
   * Several hold the same device, which a stale leader can bring about. A pod on it stays; of assignments
   * without a pod there, the strongest claim stays where no pod is, and the others give way.
   */
  function settleConflict(holders: readonly HolderKey[]): void {
    const claims = holders.flatMap((key) => ledger.jobOfSlot(key) ?? []).sort(byClaim)
    const isHeldByPod = claims.length < holders.length
    for (const entry of isHeldByPod ? claims : claims.slice(0, -1)) {
      if (entry.change !== null || entry.isHeldBack) continue
      gangs.requeue(entry, {
        reason: 'AssignmentConflict',
        message: 'A GPU of its assignment is held by another job.',
        fix: 'Nothing needs doing: it is given other places as soon as there are some.',
      })
    }
  }

  function planAgainAt(atMs: number | null): void {
    if (planTimer?.atMs === atMs) return
    planTimer?.cancel()
    planTimer = null
    if (atMs === null) return
    const cancel = clock.schedule(atMs, () => {
      planTimer = null
      isReplanNeeded = true
      wake()
    })
    planTimer = { atMs, cancel }
  }

  function isIdle(): boolean {
    return (
      isWatching &&
      !isDue &&
      gangs.underWay === 0 &&
      !trials.isBusy &&
      ledger.attention.size === 0 &&
      !ledger.awaitsWatch
    )
  }
}

/** Weakest first: older epoch, later admission, then uid. */
function byClaim(a: JobEntry, b: JobEntry): number {
  const [left, right] = [admissionOf(a), admissionOf(b)]
  if (left === null || right === null) return 0
  return left.epoch - right.epoch || right.admittedAtMs - left.admittedAtMs || (a.uid < b.uid ? 1 : -1)
}
