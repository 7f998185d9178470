import type { Job, Node, Pod, Queue } from '../../kubernetes/objects.ts'
import { OBSERVERS, type Observation, type SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import type { Caches } from '../caches.ts'
import { observeJob } from './observeJob.ts'
import { observeNode } from './observeNode.ts'
import { observePod } from './observePod.ts'
import type { Outbox } from './outbox.ts'
import { ownerOf } from './ownership.ts'

type Told = Observation extends infer Each ? (Each extends unknown ? Omit<Each, 'seq'> : never) : never

export interface Observer {
  /** Tells everything again, then that this was all. */
  resync(): void
  stop(): void
}

interface ObserverOptions {
  caches: Caches
  outboxes: ReadonlyMap<SubgraphName, Outbox>
  /** Domain time, for when something was seen to be gone. */
  now: () => Date
  log: Log
}

/**
 * Turns what changes in the cluster into records for the subgraphs that take them. Only changes in
 * what a record says are told: a heartbeat of a node or a label of a pod is not.
 */
export function startObserver({ caches, outboxes, now, log }: ObserverOptions): Observer {
  /** The last record told of each object, to leave out those that say nothing new. */
  const lastTold = new Map<string, string>()
  const podsByJob = new Map<string, Map<string, Pod>>()
  let seq = 0

  function tell(record: Told): void {
    seq += 1
    for (const [subgraph, outbox] of outboxes) {
      if (OBSERVERS[subgraph].includes(record.kind)) outbox.add({ ...record, seq } as Observation)
    }
  }
  function tellIfNew(key: string, make: () => Told): void {
    let record: Told
    try {
      record = make()
    } catch (error) {
      log.error({ err: error, key }, 'an object could not be understood; it is left out')
      return
    }
    const text = JSON.stringify(record)
    if (lastTold.get(key) === text) return
    lastTold.set(key, text)
    tell(record)
  }

  const ownerOfNamespace = (namespace: string | undefined) => ownerOf(caches.namespaces.get({ name: namespace ?? '' }))

  function seeNode(node: Node): void {
    tellIfNew(`node/${node.metadata.name}`, () => ({ kind: 'node', ...observeNode(node) }))
  }
  function seeQueue({ metadata: { name = '' }, status }: Queue): void {
    if (!status) return // the scheduler has not looked at it yet
    const { pending, admitted, usedGpus, pendingGpus } = status
    tellIfNew(`queue/${name}`, () => ({ kind: 'queue', name, pending, admitted, usedGpus, pendingGpus }))
  }
  function seeJob(job: Job): void {
    const owner = ownerOfNamespace(job.metadata.namespace)
    const { uid = '' } = job.metadata
    if (!owner) return
    const pods = [...(podsByJob.get(uid)?.values() ?? [])]
    tellIfNew(`job/${uid}`, () => ({ kind: 'job', ...observeJob(job, owner, pods) }))
  }
  function seePod(pod: Pod): void {
    const owner = ownerOfNamespace(pod.metadata.namespace)
    if (!owner) return
    tellIfNew(`pod/${pod.metadata.uid}`, () => ({ kind: 'pod', ...observePod(pod, owner) }))
    // Whether a Job runs follows from its pods.
    const job = jobOf(pod)
    if (job) seeJob(job)
  }
  function jobOf(pod: Pod): Job | undefined {
    const reference = pod.metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === 'Job')
    const job = reference && caches.jobs.get({ namespace: pod.metadata.namespace ?? '', name: reference.name })
    return job?.metadata.uid === reference?.uid ? job : undefined
  }
  function indexPod(pod: Pod, exists: boolean): void {
    const uid = pod.metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === 'Job')?.uid
    if (uid === undefined) return
    const pods = podsByJob.get(uid) ?? new Map<string, Pod>()
    if (exists) pods.set(pod.metadata.uid ?? '', pod)
    else pods.delete(pod.metadata.uid ?? '')
    if (pods.size === 0) podsByJob.delete(uid)
    else podsByJob.set(uid, pods)
  }
  function tellGone(kind: 'jobGone' | 'podGone', key: string, { metadata }: Job | Pod): void {
    if (!lastTold.delete(key)) return
    tell({
      kind,
      uid: metadata.uid ?? '',
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      at: now().toISOString(),
    })
  }

  const unsubscribe = [
    // A namespace that becomes a tenant's makes what is in it visible.
    caches.namespaces.onChange(({ type, object }) => {
      if (type === 'DELETED') return
      for (const job of caches.jobs.items()) if (job.metadata.namespace === object.metadata.name) seeJob(job)
      for (const pod of caches.pods.items()) if (pod.metadata.namespace === object.metadata.name) seePod(pod)
    }),
    caches.nodes.onChange(({ type, object }) => {
      const name = object.metadata.name ?? ''
      if (type !== 'DELETED') return seeNode(object)
      lastTold.delete(`node/${name}`)
      tell({ kind: 'nodeGone', name })
    }),
    caches.queues.onChange(({ type, object }) => {
      if (type === 'DELETED') lastTold.delete(`queue/${object.metadata.name}`)
      else seeQueue(object)
    }),
    caches.pods.onChange(({ type, object }) => {
      indexPod(object, type !== 'DELETED')
      if (type === 'DELETED') tellGone('podGone', `pod/${object.metadata.uid}`, object)
      else seePod(object)
    }),
    caches.jobs.onChange(({ type, object }) => {
      if (type === 'DELETED') tellGone('jobGone', `job/${object.metadata.uid}`, object)
      else seeJob(object)
    }),
  ]

  return {
    resync() {
      lastTold.clear()
      for (const node of caches.nodes.items()) seeNode(node)
      for (const queue of caches.queues.items()) seeQueue(queue)
      for (const pod of caches.pods.items()) seePod(pod)
      for (const job of caches.jobs.items()) seeJob(job)
      tell({ kind: 'resyncEnd' })
    },
    stop() {
      for (const end of unsubscribe) end()
    },
  }
}
