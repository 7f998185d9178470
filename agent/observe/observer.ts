import type { Job, Namespace, Node, Pod, Queue } from '../../kubernetes/objects.ts'
import { type JobRefusal, OBSERVERS, type Observation, type SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { SliceBook } from '../../scheduler/live/claims/sliceBook.ts'
import type { Caches } from '../caches.ts'
import { type Binding, bindingOf } from './binding.ts'
import { textIn } from './claims.ts'
import { jobPods } from './jobPods.ts'
import { observedInTrace, traceOf } from './observedTrace.ts'
import { observeJob } from './observeJob.ts'
import { observeNode } from './observeNode.ts'
import { controllingJob, observePod } from './observePod.ts'
import type { Outbox } from './outbox.ts'
import { type Owner, ownerOf } from './ownership.ts'
import { recordReadiness } from './recordReadiness.ts'

type Told = Observation extends infer Each ? (Each extends unknown ? Omit<Each, 'seq'> : never) : never

export interface Observer {
  /** Tells everything there is, then that this was all. Nothing is told before the first time. */
  resync(): void
  /** A job of the API that the cluster refuses as it is, with why; null: no longer. There is no object to see it by. */
  refusal(jobId: string, message: string | null): void
  /** Something has been seen that is told in a moment. */
  readonly isBehind: boolean
  stop(): void
}

interface ObserverOptions {
  caches: Caches
  outboxes: ReadonlyMap<SubgraphName, Pick<Outbox, 'add'>>
  /** Domain time, for when something was seen to be gone. */
  now: () => Date
  log: Log
  /** Called when it is no longer behind. */
  onProgress(): void
}

/**
 * Turns what changes in the cluster into records for the subgraphs that take them. Only changes in
 * what a record says are told: a heartbeat of a node or a label of a pod is not.
 */
export function startObserver({ caches, outboxes, now, log, onProgress }: ObserverOptions): Observer {
  /** The last record told of each object, to leave out those that say nothing new. */
  const lastTold = new Map<string, string>()
  const podsOf = jobPods()
  const slices = new SliceBook()
  /** As it was read first, by pod uid: what a tenant writes over it later does not count. */
  const bindings = new Map<string, Binding>()
  /** Jobs to be told at the end of this turn of the event loop, by uid. */
  const dueJobs = new Map<string, Job>()
  /** By job id; told again with each resync. */
  const refusals = new Map<string, JobRefusal>()
  let turnEnd: NodeJS.Immediate | undefined
  let isTelling = false
  let seq = 0

  function tell(observed: Told): void {
    const record = observedInTrace(observed)
    seq += 1
    for (const [subgraph, outbox] of outboxes) {
      if (OBSERVERS[subgraph].includes(record.kind)) outbox.add({ ...record, seq } as Observation)
    }
  }
  function tellIfNew(key: string, make: () => Told): void {
    if (!isTelling) return
    let record: Told
    try {
      record = make()
    } catch (error) {
      // What was told of it before still stands; said once, since it may change every second.
      if (lastTold.has(key)) return
      log.error({ err: error, key }, 'an object could not be understood; it is left out')
      lastTold.set(key, UNREADABLE)
      return
    }
    const text = JSON.stringify(record)
    const told = lastTold.get(key)
    if (told === text) return
    lastTold.set(key, text)
    if (record.kind === 'job') recordReadiness(told, record)
    tell(record)
  }
  function tellGone(kind: 'jobGone' | 'podGone', { metadata }: Job | Pod): void {
    const key = kind === 'jobGone' ? jobKey(metadata.uid) : podKey(metadata.uid)
    const told = lastTold.get(key)
    lastTold.delete(key)
    if (told === undefined || told === UNREADABLE) return
    const { uid = '', namespace = '', name = '' } = metadata
    tell({ kind, uid, namespace, name, at: now().toISOString() })
  }

  function seeNode(node: Node): void {
    tellIfNew(nodeKey(node.metadata.name), () => ({
      kind: 'node',
      ...observeNode(node, slices.devicesOn(node.metadata.name ?? '')),
    }))
  }
  function nodeGone({ metadata: { name = '' } }: Node): void {
    lastTold.delete(nodeKey(name))
    if (isTelling) tell({ kind: 'nodeGone', name })
  }
  function seeQueue({ metadata: { name = '' }, status }: Pick<Queue, 'metadata' | 'status'>): void {
    if (!status) return // the scheduler has not looked at it yet
    const { pending, admitted, usedGpus, pendingGpus } = status
    tellIfNew(queueKey(name), () => ({ kind: 'queue', name, pending, admitted, usedGpus, pendingGpus }))
  }
  function queueGone({ metadata }: Queue): void {
    seeQueue({ metadata, status: NOTHING_IN_IT })
    lastTold.delete(queueKey(metadata.name))
  }
  function seeJob(job: Job): void {
    const { namespace, uid = '' } = job.metadata
    const owner = ownerIn(namespace)
    if (!owner) return void tellGone('jobGone', job)
    tellIfNew(jobKey(uid), () => ({
      kind: 'job',
      ...observeJob(job, owner, podsOf.of(uid)),
      ...traceOf(job),
    }))
  }
  /**
   * Pods and Jobs come by watches of their own, in any order. A Job waits for the pods of the same turn, so
   * that its end is told after theirs; and a gang whose pods all start at once looks at its Job once.
   */
  function seeJobSoon(job: Job): void {
    if (!isTelling) return
    dueJobs.set(job.metadata.uid ?? '', job)
    turnEnd ??= setImmediate(seeDueJobs)
  }
  function seeDueJobs(): void {
    turnEnd = undefined
    for (const job of dueJobs.values()) seeJob(job)
    dueJobs.clear()
    onProgress()
  }
  function seePod(pod: Pod): void {
    const { namespace, uid = '' } = pod.metadata
    const owner = ownerIn(namespace)
    if (!owner) return void tellGone('podGone', pod)
    const binding = bindings.get(uid) ?? bindingOf(pod)
    if (binding) bindings.set(uid, binding)
    const job = jobOf(pod)
    tellIfNew(podKey(uid), () => ({ kind: 'pod', ...observePod(pod, owner, binding), ...traceOf(job) }))
    // Whether a Job runs follows from its pods.
    if (job) seeJobSoon(job)
  }
  /** Its last state may be one that was not seen before. */
  function jobGone(job: Job): void {
    if (dueJobs.delete(job.metadata.uid ?? '')) seeJob(job)
    tellGone('jobGone', job)
  }
  function podGone(pod: Pod): void {
    seePod(pod)
    bindings.delete(pod.metadata.uid ?? '')
    tellGone('podGone', pod)
  }
  function seeAllIn(namespace: string | undefined): void {
    for (const pod of caches.pods.items()) if (pod.metadata.namespace === namespace) seePod(pod)
    for (const job of caches.jobs.items()) if (job.metadata.namespace === namespace) seeJob(job)
  }

  function ownerIn(namespace: string | undefined): Owner | null {
    return ownerOf(caches.namespaces.get({ name: namespace ?? '' }))
  }
  function jobOf(pod: Pod): Job | undefined {
    const owner = controllingJob(pod)
    const job = owner && caches.jobs.get({ namespace: pod.metadata.namespace ?? '', name: owner.name })
    return job?.metadata.uid === owner?.uid ? job : undefined
  }

  const unsubscribe = [
    caches.namespaces.onChange((change) => {
      // One that is deleted is empty, so all that was in it is told by itself.
      if (!isTelling || change.type === 'DELETED') return
      // One that becomes a tenant's makes what is in it visible, one that is no longer a tenant's hides it.
      const before = change.type === 'MODIFIED' ? change.before : undefined
      if (!isSameOwner(before, change.object)) seeAllIn(change.object.metadata.name)
    }),
    caches.slices.onChange(({ type, object }) => {
      const node = caches.nodes.get({ name: slices.note(object, type === 'DELETED') ?? '' })
      if (node) seeNode(node)
    }),
    caches.nodes.onChange(({ type, object }) => (type === 'DELETED' ? nodeGone : seeNode)(object)),
    caches.queues.onChange(({ type, object }) => (type === 'DELETED' ? queueGone : seeQueue)(object)),
    caches.pods.onChange(({ type, object }) => {
      podsOf.note(object, type !== 'DELETED')
      if (type === 'DELETED') podGone(object)
      else seePod(object)
    }),
    caches.jobs.onChange(({ type, object }) => (type === 'DELETED' ? jobGone : seeJobSoon)(object)),
  ]

  return {
    get isBehind() {
      return turnEnd !== undefined
    },
    refusal(jobId, message) {
      if (message === null) return void refusals.delete(jobId)
      const refused = { jobId, message: textIn(message) ?? '', at: now().toISOString() }
      if (refusals.get(jobId)?.message === refused.message) return
      refusals.set(jobId, refused)
      if (isTelling) tell({ kind: 'jobRefused', ...refused })
    },
    resync() {
      isTelling = true
      lastTold.clear()
      for (const node of caches.nodes.items()) seeNode(node)
      for (const queue of caches.queues.items()) seeQueue(queue)
      for (const pod of caches.pods.items()) seePod(pod)
      for (const job of caches.jobs.items()) seeJob(job)
      dueJobs.clear()
      for (const refused of refusals.values()) tell({ kind: 'jobRefused', ...refused })
      tell({ kind: 'resyncEnd' })
    },
    stop() {
      for (const end of unsubscribe) end()
      clearImmediate(turnEnd)
    },
  }
}

/** In place of a record, of what could not be understood. */
const UNREADABLE = ''
const NOTHING_IN_IT = { pending: 0, admitted: 0, usedGpus: '0', pendingGpus: '0' }

const nodeKey = (name: string | undefined) => `node/${name}`
const queueKey = (name: string | undefined) => `queue/${name}`
const jobKey = (uid: string | undefined) => `job/${uid}`
const podKey = (uid: string | undefined) => `pod/${uid}`

function isSameOwner(a: Namespace | undefined, b: Namespace): boolean {
  const [before, after] = [ownerOf(a), ownerOf(b)]
  return before?.tenantId === after?.tenantId && before?.projectId === after?.projectId
}
