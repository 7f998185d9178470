import type { DomainClock } from '../../../../platform/clock.ts'
import { ClusterError, type Ref } from '../../../cluster.ts'
import type { Job, Pod } from '../../../objects.ts'
import { deleteObject } from '../../api/deletion.ts'
import type { Machine } from '../../api/machine.ts'
import { updateObject, updateStatus } from '../../api/writes.ts'
import type { Commits } from '../../store/commits.ts'
import { frozenCopy, withFields } from '../../store/immutable.ts'
import { asChanges, type StoreChange } from '../../store/objectStore.ts'
import { refOf, type StoredObject, typed, uidOf } from '../../store/storedObject.ts'
import { type Backoff, NO_BACKOFF } from './backoff.ts'
import { createJobPod } from './createJobPod.ts'
import { decideJob, type JobDecision } from './decideJob.ts'
import { hasFinished } from './finish.ts'
import { isReady, isTracked, TRACKING_FINALIZER } from './jobPods.ts'

const FIRST_CREATE_RETRY_MS = 1_000
const LONGEST_CREATE_RETRY_MS = 60_000

interface Tracked {
  /** null: the Job is gone, or was never seen. */
  ref: Ref | null
  pods: Map<string, StoredObject>
  backoff: Backoff
  /** Syncs in a row in which pods could not be created. */
  refusedCreations: number
  cancelTimer: (() => void) | undefined
}

/** The Job controller: notes what has changed in its queue, and syncs those Jobs when a commit is made. */
export class JobController {
  readonly #machine: Machine
  readonly #clock: DomainClock
  readonly #commits: Commits
  readonly #jobs = new Map<string, Tracked>()
  readonly #due = new Set<string>()
  readonly #strays = new Map<string, StoredObject>()
  /** The pods that it creates itself are in its reckoning already. */
  #isCreating = false

  constructor(machine: Machine, clock: DomainClock, commits: Commits) {
    this.#machine = machine
    this.#clock = clock
    this.#commits = commits
    machine.store.onChange((change) => this.#note(change))
    commits.addController(() => this.#runOnce())
  }

  /** Takes up what a journal brought back. */
  resume(): void {
    for (const change of asChanges(this.#machine.store)) this.#note(change)
    this.#commits.request()
  }

  stop(): void {
    for (const { cancelTimer } of this.#jobs.values()) cancelTimer?.()
  }

  #note({ kind, type, object, previous }: StoreChange): void {
    if (kind === 'Job') this.#noteJob(type, object, previous)
    if (kind === 'Pod') this.#notePod(type, object, previous)
  }

  #noteJob(type: StoreChange['type'], object: StoredObject, previous: StoredObject | undefined): void {
    const tracked = this.#tracked(uidOf(object))
    tracked.ref = type === 'DELETED' ? null : refOf(object)
    // Its own status and others' annotations give the controller nothing to do.
    const isSame = object.spec === previous?.spec && isDeleted(object) === isDeleted(previous)
    if (type === 'DELETED' || !isSame) this.#due.add(uidOf(object))
  }

  #notePod(type: StoreChange['type'], object: StoredObject, previous: StoredObject | undefined): void {
    const owner = jobUidOf(object)
    const before = previous && jobUidOf(previous)
    if (before !== undefined && before !== owner) this.#drop(before, object)
    if (owner === undefined) {
      if (type !== 'DELETED' && isTracked(typed('Pod', object))) this.#strays.set(uidOf(object), object)
      return
    }
    if (type === 'DELETED') this.#drop(owner, object)
    else this.#tracked(owner).pods.set(uidOf(object), object)
    if (!this.#isCreating && (previous === undefined || standing(previous) !== standing(object))) this.#due.add(owner)
  }

  #drop(owner: string, pod: StoredObject): void {
    this.#tracked(owner).pods.delete(uidOf(pod))
    this.#due.add(owner)
  }

  #tracked(uid: string): Tracked {
    let tracked = this.#jobs.get(uid)
    if (tracked === undefined) {
      tracked = { ref: null, pods: new Map(), backoff: NO_BACKOFF, refusedCreations: 0, cancelTimer: undefined }
      this.#jobs.set(uid, tracked)
    }
    return tracked
  }

  #runOnce(): boolean {
    if (this.#due.size === 0 && this.#strays.size === 0) return false
    const due = [...this.#due]
    this.#due.clear()
    for (const uid of due) this.#sync(uid)
    const strays = [...this.#strays.values()]
    this.#strays.clear()
    for (const stray of strays) this.#release(stray)
    return true
  }

  #sync(uid: string): void {
    const tracked = this.#tracked(uid)
    tracked.cancelTimer?.()
    tracked.cancelTimer = undefined
    const object = tracked.ref === null ? undefined : this.#machine.store.get('Job', tracked.ref)
    const job = object && typed('Job', object)
    if (object === undefined || job === undefined || hasFinished(job)) {
      for (const pod of [...tracked.pods.values()]) this.#release(pod)
      if (object === undefined && tracked.pods.size === 0) this.#jobs.delete(uid)
      return
    }
    const { managedBy } = job.spec ?? {}
    if (managedBy !== undefined && managedBy !== 'kubernetes.io/job-controller') return
    const pods = [...tracked.pods.values()].map((pod) => typed('Pod', pod))
    const decision = decideJob(job, pods, this.#clock.nowMs(), tracked.backoff)
    tracked.backoff = decision.backoff
    this.#carryOut(object, job, decision, tracked)
  }

  #carryOut(object: StoredObject, job: Job, decision: JobDecision, tracked: Tracked): void {
    for (const pod of decision.dismiss) {
      this.#release(pod as StoredObject)
      this.#delete(pod)
    }
    for (const pod of decision.stop) this.#delete(pod)
    for (const pod of decision.release) this.#release(pod as StoredObject)
    const refused = this.#create(job, decision.create)
    const active = (decision.status.active ?? 0) - refused
    const status = active === 0 ? { ...decision.status, active: undefined } : { ...decision.status, active }
    updateStatus(this.#machine, 'Job', object, frozenCopy(status))
    tracked.refusedCreations = refused > 0 ? tracked.refusedCreations + 1 : 0
    this.#syncAgain(uidOf(object), tracked, refused > 0 ? this.#createRetryAtMs(tracked) : decision.syncAgainAtMs)
  }

  /** @returns how many pods were refused; after the first refusal the rest is not tried */
  #create(job: Job, indexes: (number | null)[]): number {
    let created = 0
    this.#isCreating = true
    try {
      for (const index of indexes) {
        createJobPod(this.#machine, job, index)
        created++
      }
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
    } finally {
      this.#isCreating = false
    }
    return indexes.length - created
  }

  #createRetryAtMs({ refusedCreations }: Tracked): number {
    const delayMs = FIRST_CREATE_RETRY_MS * 2 ** Math.min(refusedCreations - 1, 10)
    return this.#clock.nowMs() + Math.min(delayMs, LONGEST_CREATE_RETRY_MS)
  }

  #syncAgain(uid: string, tracked: Tracked, atMs: number | null): void {
    if (atMs === null) return
    tracked.cancelTimer = this.#clock.schedule(atMs, () => {
      this.#due.add(uid)
      this.#commits.request()
    })
  }

  #delete(pod: Pod): void {
    const ref = refOf(pod as StoredObject)
    if (this.#machine.store.get('Pod', ref)?.metadata.uid === pod.metadata.uid) deleteObject(this.#machine, 'Pod', ref)
  }

  /** Takes the tracking finalizer off. */
  #release(pod: StoredObject): void {
    const live = this.#machine.store.get('Pod', refOf(pod))
    if (live === undefined || uidOf(live) !== uidOf(pod) || !isTracked(typed('Pod', live))) return
    const finalizers = live.metadata.finalizers?.filter((name) => name !== TRACKING_FINALIZER) ?? []
    const metadata = withFields(live.metadata, {
      finalizers: finalizers.length > 0 ? Object.freeze(finalizers) : undefined,
    })
    updateObject(this.#machine, 'Pod', live, withFields(live, { metadata }))
  }
}

function jobUidOf({ metadata }: StoredObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  return owner?.kind === 'Job' && owner.apiVersion === 'batch/v1' ? owner.uid : undefined
}

/** What of a pod a Job looks at; a binding, or an annotation, is not among it. */
function standing(object: StoredObject): string {
  const pod = typed('Pod', object)
  const { deletionTimestamp } = pod.metadata
  return `${pod.status?.phase} ${isReady(pod)} ${isTracked(pod)} ${deletionTimestamp !== undefined}`
}

function isDeleted(object: StoredObject | undefined): boolean {
  return object?.metadata.deletionTimestamp !== undefined
}
