import { labels } from '../../kubernetes/names.ts'
import type {
  DeviceClass,
  Job,
  Kinds,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  Queue,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
} from '../../kubernetes/objects.ts'
import { compareJobs, isGang, type PendingJob } from '../model/job.ts'
import { DEFAULT_POLICY, type Policy } from '../model/policy.ts'
import { LiveSnapshot } from '../model/snapshot.ts'
import { BudgetBook } from './budgetBook.ts'
import { ClaimBook } from './claims/claimBook.ts'
import { SliceBook } from './claims/sliceBook.ts'
import { GroupBook } from './groups/groupBook.ts'
import { readEntry } from './groups/readEntry.ts'
import { admissionOf, type Change, emptyEntry, holdingsOf, type JobEntry, slotKey } from './jobEntry.ts'
import { pendingJobOf, runningJobOf } from './jobInSnapshot.ts'
import { shareOf } from './jobShare.ts'
import { type HolderKey, NodeBook } from './nodeBook.ts'
import { QueueBook } from './queueBook.ts'
import { type Around, readJob } from './readJob.ts'
import { type ReadPod, readPod } from './readPod.ts'
import { RuleKeys } from './ruleKeys.ts'
import { type Template, type TemplateAnswer, TemplateBook } from './templateBook.ts'
import { VolumeBook } from './volumeBook.ts'

type PodSpec = Pod['spec']

/**
 * What the cluster's objects and our own decisions come to: the snapshot that plans are made from.
 * Every change is applied when it is seen, in time that grows with the job it touches and not with the
 * cluster; what was decided counts at once, until the cluster has confirmed or refused it.
 *
 * Bound pods hold their part of a node until their containers have ended, whatever became of their Job;
 * a live Job holds the slots of its assignment that have no pod.
 */
export class Ledger {
  readonly snapshot = new LiveSnapshot()
  readonly claims = new ClaimBook()
  readonly nodes = new NodeBook((device) => this.claims.isAllocated(device))
  readonly queues = new QueueBook()
  readonly templates = new TemplateBook()
  readonly #budgets = new BudgetBook()
  readonly #groups = new GroupBook()
  /** Jobs by uid, groups of pods by theirs, and all other pods each as an entry of its own. */
  readonly entries = new Map<string, JobEntry>()
  /** Jobs of which something changed that may ask for a write; whoever looks at them takes them out. */
  readonly attention = new Set<JobEntry>()
  readonly #ruleKeys = new RuleKeys()
  readonly volumes = new VolumeBook()
  readonly #around: Around = { ruleKeys: this.#ruleKeys, volumes: this.volumes }
  readonly #slices = new SliceBook()
  readonly #nodes = new Map<string, Node>()
  readonly #ownerOfPod = new Map<string, JobEntry>()
  readonly #binding = new Set<JobEntry>()
  readonly #tenants = new Map<string, string>()
  readonly #jobsOfNamespace = new Map<string, Set<JobEntry>>()
  #pendingChanged = false
  #othersChanged = false
  #policy = DEFAULT_POLICY
  /** Domain time when it was last brought up to date. */
  #nowMs = 0

  observeNamespace({ metadata }: Namespace, isGone: boolean): void {
    const name = metadata.name ?? ''
    const tenantId = isGone ? undefined : metadata.labels?.[labels.tenant]
    if (tenantId === this.#tenants.get(name)) return
    if (tenantId === undefined) this.#tenants.delete(name)
    else this.#tenants.set(name, tenantId)
    for (const entry of this.#jobsOfNamespace.get(name) ?? []) this.settle(entry)
  }

  observeQueue(queue: Queue, isGone: boolean): void {
    if (isGone) this.queues.removeQueue(queue.metadata.name ?? '')
    else this.queues.setQueue(queue)
    // What runs there has to be looked at.
    if (queue.spec.stopPolicy === 'HoldAndDrain') for (const entry of this.entries.values()) this.attention.add(entry)
  }

  observeBudget(budget: PodDisruptionBudget, isGone: boolean): void {
    this.#budgets.set(budget, isGone)
    for (const entry of this.#jobsOfNamespace.get(budget.metadata.namespace ?? '') ?? []) this.#settleRunning(entry)
    this.#othersChanged = true
  }

  observePolicy(policy: Policy): void {
    this.#policy = policy
    this.snapshot.agingMs = policy.agingMs
    this.snapshot.topologyLevels = policy.topologyLevels
    this.snapshot.shareEnforcements = policy.shareEnforcements
    this.nodes.setStops(policy.stops)
    this.#othersChanged = true
    for (const entry of this.entries.values()) {
      this.#settlePending(entry)
      this.attention.add(entry)
    }
  }

  observeVolumeClaim(claim: Kinds['PersistentVolumeClaim'], isGone: boolean): void {
    const { namespace = '', name = '' } = claim.metadata
    const known = this.volumes.claim(namespace, name)
    if (!isGone && known !== undefined && !isNewer(claim.metadata, known.metadata)) return
    this.volumes.setClaim(claim, isGone)
    this.#lookAtVolumeClaims((entry) => entry.read?.namespace === namespace && entry.read.volumeClaims.includes(name))
  }

  observeVolume(volume: Kinds['PersistentVolume'], isGone: boolean): void {
    this.volumes.setVolume(volume, isGone)
    const { namespace, name } = volume.spec?.claimRef ?? {}
    this.#lookAtVolumeClaims(
      (entry) => entry.read?.namespace === namespace && entry.read?.volumeClaims.includes(name ?? '') === true,
    )
  }

  observeStorageClass(storageClass: Kinds['StorageClass'], isGone: boolean): void {
    this.volumes.setClass(storageClass, isGone)
    this.#lookAtVolumeClaims((entry) => (entry.read?.volumeClaims.length ?? 0) > 0)
  }

  observeNode(node: Node, isGone: boolean): void {
    const name = node.metadata.name ?? ''
    if (isGone) {
      this.#nodes.delete(name)
      this.nodes.removeNode(name)
    } else {
      this.#nodes.set(name, node)
      this.nodes.setNode(node, this.#slices.devicesOn(name))
    }
    // Slots on a node that is lost must not wait for pods there.
    const spec = this.nodes.spec(node.metadata.name ?? '')
    if (spec?.accepting === true && spec.devices.every((device) => device.healthy)) return
    for (const key of this.nodes.holders(node.metadata.name ?? '')) {
      const entry = this.jobOfSlot(key)
      if (entry !== undefined) this.attention.add(entry)
    }
  }

  observeSlice(slice: ResourceSlice, isGone: boolean): void {
    const node = this.#nodes.get(this.#slices.note(slice, isGone) ?? '')
    if (node !== undefined) this.observeNode(node, false)
  }

  observeClass(deviceClass: DeviceClass, isGone: boolean): void {
    for (const entry of this.claims.noteClass(deviceClass, isGone)) this.settle(entry)
  }

  observeTemplate(template: ResourceClaimTemplate, isGone: boolean): void {
    for (const entry of this.claims.noteTemplate(template, isGone)) this.settle(entry)
  }

  observeClaim(claim: ResourceClaim, isGone: boolean): void {
    const { jobs, devices } = this.claims.noteClaim(claim, isGone)
    for (const entry of jobs) this.settle(entry)
    this.#attendSlotsOn(devices)
  }

  /** The job, or the lone pod, that a pod belongs to; undefined where it is gone or not known yet. */
  readonly entryOfPod = (uid: string): JobEntry | undefined => this.#ownerOfPod.get(uid)

  #attendSlotsOn(devices: readonly string[]): void {
    for (const key of devices.flatMap((device) => this.nodes.noteAllocation(device))) {
      const entry = this.jobOfSlot(key)
      if (entry !== undefined) this.attention.add(entry)
    }
  }

  /** The answer to a write of ours, which may come after the watch has told more, even that the Job is gone. */
  confirmJob(job: Job): void {
    if (this.entries.get(job.metadata.uid ?? '')?.object) this.observeJob(job)
  }

  /** A version of a Job; older ones than known are no news. */
  observeJob(job: Job): void {
    const entry = this.#entry(job.metadata.uid ?? '')
    if (entry.object !== null && !isNewer(job.metadata, entry.object.metadata)) return
    const isNew = entry.object === null
    if (this.#ruleKeys.learnFrom(job.spec?.template.spec as PodSpec | undefined)) this.#lookAtAllLabels()
    entry.object = job
    entry.read = readJob(job, entry.read, null, this.#around)
    if (isNew) {
      this.#joinNamespace(entry, entry.read.namespace)
      // Pods of it that have ended may be gone already: it had come up, and later ones are replacements.
      if (entry.read.hasEndedPods) entry.cameUpAtMs = entry.read.admission?.admittedAtMs ?? null
      // It waited for another scheduler, before this one started: what it asks is as typical.
      const { admission, demand } = entry.read
      if (admission !== null && isGang(demand)) this.snapshot.noteDemand(demand)
    }
    this.settle(entry)
    // Only now is it known that they are another controller's.
    if (isNew && !isOurs(job)) for (const { group } of entry.pods.values()) if (group) this.observePod(group.object)
  }

  removeJob(job: Job): void {
    const entry = this.entries.get(job.metadata.uid ?? '')
    if (entry === undefined || entry.read === null) return
    this.#leaveNamespace(entry, entry.read.namespace)
    entry.object = null
    entry.read = null
    this.settle(entry)
  }

  /** The answer to a write of ours; see confirmJob. */
  confirmPod(pod: Pod): void {
    const known = this.#ownerOfPod.get(pod.metadata.uid ?? '')?.pods.get(pod.metadata.uid ?? '')
    if (known !== undefined && isNewer(pod.metadata, known)) this.observePod(pod)
  }

  observePod(object: Pod, nowMs = this.#nowMs): void {
    if (this.#ruleKeys.learnFrom(object.spec)) this.#lookAtAllLabels()
    const pod = this.#marked(readPod(object))
    const entry = this.#entryFor(pod)
    const owner = this.#ownerOfPod.get(pod.uid)
    // Orphaned, or adopted: it leaves the one before it counts for the other.
    if (owner !== undefined && owner !== entry) this.#dropPod(owner, pod.uid)
    this.#ownerOfPod.set(pod.uid, entry)
    const before = entry.pods.get(pod.uid)
    // The watch is behind an answer to a write of ours.
    if (entry.group !== null && before !== undefined && isNewer(before, object.metadata)) return
    // What its claims have is somebody's from now on.
    if (before === undefined && pod.claims?.length) {
      this.#attendSlotsOn(this.claims.devicesOf(pod.namespace, pod.claims))
    }
    entry.pods.set(
      pod.uid,
      before !== undefined && isSameHolding(before, pod) ? { ...pod, holding: before.holding } : pod,
    )
    if (!pod.isCandidate) entry.binding.delete(pod.uid)
    if (pod.hasEnded && before?.hasEnded !== true) noteFreed(entry, pod, nowMs)
    if (entry.group !== null) readEntry(entry, this.#around)
    this.settle(entry)
  }

  removePod(object: Pod, nowMs = this.#nowMs): void {
    const pod = readPod(object)
    const entry = this.#ownerOfPod.get(pod.uid)
    if (entry === undefined) return
    const before = entry.pods.get(pod.uid)
    this.#ownerOfPod.delete(pod.uid)
    if (before?.hasEnded === false) noteFreed(entry, pod, nowMs)
    this.#dropPod(entry, pod.uid)
  }

  /** Counts a write to the Job as done from now on, until it is taken back by null. */
  setChange(entry: JobEntry, change: Change | null): void {
    entry.change = change
    this.settle(entry)
  }

  /** Counts the pod's Binding as under way, from now until it is seen or taken back by null. */
  setBinding(entry: JobEntry, podUid: string, slot: number | null): void {
    const holds = slot === null ? undefined : entry.held.get(slotKey(entry, slot))
    if (slot !== null && holds !== undefined) entry.binding.set(podUid, { slot, holds })
    else entry.binding.delete(podUid)
    this.#noteBinding(entry)
    // What it held without an admission it holds no more.
    if (slot === null) this.settle(entry)
  }

  /** What a pod of the template, tried, asks for: so much its jobs ask from now on. */
  setAnswer(template: Template, answer: TemplateAnswer): void {
    // What has not changed stays the same object, so that nothing is planned anew.
    if (JSON.stringify(template.answer) === JSON.stringify(answer)) return
    template.answer = answer
    for (const entry of template.jobs) this.settle(entry)
  }

  setHeldBack(entry: JobEntry, isHeldBack: boolean): void {
    entry.isHeldBack = isHeldBack
    this.settle(entry)
  }

  /**
   * The job for which an earlier scheduler kept places, as the reason on it tells; null: none. The reason of one that
   * lost them may stand for some seconds more, so of several it is the one that goes first.
   */
  reservedFor(): string | null {
    let first: PendingJob | null = null
    for (const { uid, read } of this.entries.values()) {
      const job = read?.pendingCode === 'WaitingForReservation' ? this.snapshot.pendingJob(uid) : undefined
      if (job !== undefined && (first === null || compareJobs(job, first) < 0)) first = job
    }
    return first?.uid ?? null
  }

  /** The job whose slot holds; undefined where it is a pod. */
  jobOfSlot(key: HolderKey): JobEntry | undefined {
    return key.startsWith('slot:') ? this.entries.get(key.slice('slot:'.length, key.lastIndexOf('/'))) : undefined
  }

  /** Whether a Binding that was answered has not been seen yet. */
  get awaitsWatch(): boolean {
    return this.#binding.size > 0
  }

  /**
   * Brings the snapshot up to date.
   * @returns whether a plan could come out differently now, and for each device that is given more than once who holds it
   */
  refresh(nowMs: number): { changed: boolean; overfull: HolderKey[][] } {
    this.#nowMs = nowMs
    const { changed, overfull } = this.nodes.refresh(this.snapshot.nodes)
    const queuesChanged = this.queues.refresh(this.snapshot.queues, nowMs)
    const othersChanged = this.#pendingChanged || this.#othersChanged
    this.#pendingChanged = false
    this.#othersChanged = false
    return { changed: changed || queuesChanged || othersChanged, overfull }
  }

  /** Derives anew what the job holds, counts and asks. */
  settle(entry: JobEntry): void {
    // The answer to a write of ours may come when the job and its pods are gone.
    if (this.entries.get(entry.uid) !== entry) return
    const namespace = isOurs(entry.object) ? entry.read?.namespace : undefined
    entry.tenantId = this.#tenants.get(namespace ?? '') ?? null
    const answer = this.templates.follow(entry)
    if (answer !== null && entry.object !== null && answer !== entry.read?.answer)
      entry.read = readJob(entry.object, entry.read, answer, this.#around)
    this.#settleDemand(entry)
    const { read } = entry
    const admission = admissionOf(entry)
    entry.queue = this.#queueOf(entry)
    if (admission !== null) entry.flavor = admission.assignment.flavor
    else entry.flavor ??= this.#flavorOfPods(entry)
    this.#settleHoldings(entry)
    this.#settleRunning(entry)
    this.#settlePending(entry)
    if (entry.tenantId === null && entry.held.size === 0) this.queues.setShare(entry.uid, null)
    else
      this.queues.setShare(
        entry.uid,
        shareOf(entry, (node) => this.nodes.spec(node)?.flavor ?? ''),
      )
    this.#noteBinding(entry)
    if (read === null && entry.pods.size === 0) {
      this.entries.delete(entry.uid)
      if (entry.group !== null) {
        this.#groups.close(entry.group)
        this.#leaveNamespace(entry, entry.group.namespace)
      }
      this.claims.forget(entry)
      this.queues.setShare(entry.uid, null)
    }
    this.attention.add(entry)
  }

  /** What rules see of it stands with what it holds. */
  #marked(pod: ReadPod): ReadPod {
    const mark = this.#ruleKeys.markOf(pod.namespace, pod.labels, pod.antiAffinity)
    return mark === undefined ? pod : { ...pod, holding: { ...pod.holding, mark } }
  }

  /** Jobs whose claims became something else. */
  #lookAtVolumeClaims(isMeant: (entry: JobEntry) => boolean): void {
    for (const entry of this.entries.values()) {
      if (entry.object === null || !isMeant(entry)) continue
      readEntry(entry, this.#around)
      this.settle(entry)
    }
  }

  /** A rule asks about a label that none asked about before. */
  #lookAtAllLabels(): void {
    for (const entry of this.entries.values()) {
      for (const [uid, pod] of entry.pods) entry.pods.set(uid, this.#marked(pod))
      readEntry(entry, this.#around)
      this.settle(entry)
    }
  }

  /** The same as before where it says the same. */
  #settleDemand(entry: JobEntry): void {
    const demand = this.claims.demandOf(entry)
    if (entry.read === null || entry.read.demand === demand) return
    if (JSON.stringify(entry.read.demand) !== JSON.stringify(demand)) entry.read = { ...entry.read, demand }
  }

  #joinNamespace(entry: JobEntry, namespace: string): void {
    const siblings = this.#jobsOfNamespace.get(namespace) ?? new Set()
    this.#jobsOfNamespace.set(namespace, siblings.add(entry))
  }

  #leaveNamespace(entry: JobEntry, namespace: string): void {
    const siblings = this.#jobsOfNamespace.get(namespace)
    siblings?.delete(entry)
    if (siblings?.size === 0) this.#jobsOfNamespace.delete(namespace)
  }

  #dropPod(entry: JobEntry, podUid: string): void {
    entry.pods.delete(podUid)
    entry.binding.delete(podUid)
    if (entry.group !== null) readEntry(entry, this.#around)
    this.settle(entry)
  }

  #noteBinding(entry: JobEntry): void {
    if (entry.binding.size > 0) this.#binding.add(entry)
    else this.#binding.delete(entry)
  }

  #settleHoldings(entry: JobEntry): void {
    const held = holdingsOf(entry)
    for (const [key, before] of entry.held) {
      if (held.get(key) !== before) this.nodes.release(before.node, key)
    }
    for (const [key, now] of held) {
      if (entry.held.get(key) !== now) this.nodes.hold(now.node, key, now.holding)
    }
    entry.held = held
  }

  /** Where a job that is being stopped still runs: its assignment is gone, and its pods say what slots they have. */
  #flavorOfPods({ pods }: JobEntry): string | null {
    for (const { slot, node, hasEnded } of pods.values()) {
      const spec = slot === null || node === null || hasEnded ? undefined : this.nodes.spec(node)
      if (spec !== undefined) return spec.flavor
    }
    return null
  }

  #settleRunning(entry: JobEntry): void {
    const running = runningJobOf(entry, this.#budgets)
    if (running?.lacks !== this.snapshot.running.get(entry.uid)?.lacks) this.#othersChanged = true
    if (running === null) this.snapshot.running.delete(entry.uid)
    else this.snapshot.running.set(entry.uid, running)
  }

  #settlePending(entry: JobEntry): void {
    const before = this.snapshot.pendingJob(entry.uid)
    const offered = pendingJobOf(entry, this.#policy, before)
    if (offered === (before ?? null)) return
    if (offered === null) this.snapshot.removePending(entry.uid)
    else this.snapshot.setPending(offered)
    this.#pendingChanged = true
  }

  /** What a tenant's Job says; of one that is gone, what was written on its pods. */
  #queueOf({ read, tenantId, pods, queue }: JobEntry): string {
    if (read !== null && tenantId !== null) return read.queue
    for (const pod of pods.values()) if (pod.queue !== null) return pod.queue
    return queue
  }

  /** That of the Job that made it, of its group, or its own. */
  #entryFor(pod: ReadPod): JobEntry {
    const { group, jobUid, uid } = pod
    if (group === null || !this.#isOfGroup(pod, group.uid)) return this.#entry(jobUid ?? uid)
    const entry = this.#entry(group.uid)
    entry.group ??= this.#groups.open(group)
    this.#joinNamespace(entry, pod.namespace)
    return entry
  }

  /** A Job of ours is a gang whatever its pods say. A pod whose Job is not known may be one of its; where it is, it stays. */
  #isOfGroup({ uid, jobUid }: ReadPod, groupUid: string): boolean {
    const job = jobUid === null ? null : (this.entries.get(jobUid)?.object ?? null)
    return jobUid === null || (job === null ? this.#ownerOfPod.get(uid)?.uid === groupUid : !isOurs(job))
  }

  #entry(uid: string): JobEntry {
    const entry = this.entries.get(uid) ?? emptyEntry(uid)
    this.entries.set(uid, entry)
    return entry
  }
}

/** A Job that another controller made is that one's to start and stop; a CronJob leaves that to us. */
function isOurs(job: Job | null): boolean {
  const owner = job?.metadata.ownerReferences?.find(({ controller }) => controller === true)
  return job !== null && (owner === undefined || owner.kind === 'CronJob')
}

/** The next pod in that slot starts where this one ended, so that the two never count the same second. */
function noteFreed(entry: JobEntry, pod: ReadPod, nowMs: number): void {
  if (pod.slot === null || pod.node === null) return
  const endedMs = pod.endedMs ?? nowMs
  entry.slotFreedMs.set(pod.slot, Math.max(entry.slotFreedMs.get(pod.slot) ?? 0, endedMs))
}

function isSameHolding(a: ReadPod, b: ReadPod): boolean {
  return JSON.stringify(a.holding) === JSON.stringify(b.holding)
}

/** resourceVersions of one kind are whole numbers that grow. */
function isNewer(a: { resourceVersion?: string }, b: { resourceVersion?: string }): boolean {
  const [left = '', right = ''] = [a.resourceVersion, b.resourceVersion]
  return left.length === right.length ? left > right : left.length > right.length
}
