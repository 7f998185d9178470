import { type Cluster, ClusterError, jsonPointer } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import { METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import type { Observation, SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import type { Timers } from '../../platform/timers.ts'
import { startWorkQueue } from '../workQueue.ts'
import { hasEnded } from './observePod.ts'

export interface PodReleaser {
  /** The subgraph has these records: pods may go whose end all have that want it. */
  acknowledged(subgraph: SubgraphName, records: readonly Observation[]): void
  /** Releases under way. */
  readonly pending: number
  stop(): Promise<void>
}

interface ReleaserOptions {
  cluster: Cluster
  pods: Informer<'Pod'>
  log: Log
  timers: Timers
  random: () => number
  onProgress(): void
}

/**
 * An outage of the control plane must not keep ended pods for ever; a day is longer than any we would leave alone.
 * Counted by timers, which no correction of the machine's clock can hasten.
 */
export const DEADLINE_MS = 24 * 3_600_000
const FAILURES_WORTH_TELLING = 6

/** Who keeps what a pod was: the ledger its intervals, jobs its story. What inventory knows of a pod ends with it. */
const KEEPERS: readonly SubgraphName[] = ['metering', 'jobs']

/**
 * Takes the finalizer `sluice.dev/metered` off pods whose end is known to all who keep it. Until then an
 * ended pod stays in the cluster, so that an agent that starts anew can still tell of it.
 */
export function releasePods({ cluster, pods, log, timers, random, onProgress }: ReleaserOptions): PodReleaser {
  /** By uid: to be released, as it was when that was decided. */
  const released = new Map<string, Pod>()
  /** By uid, of pods that have ended: who knows that. */
  const knownTo = new Map<string, Set<SubgraphName>>()
  /** By uid: cancels the deadline of a pod that has ended and is not acknowledged. */
  const deadlines = new Map<string, () => void>()
  const queue = startWorkQueue({ work: takeOff, onFailure: tell, onProgress, timers, random })

  function release(pod: Pod): void {
    const uid = uidOf(pod)
    forget(uid)
    if (released.has(uid) || !isHeld(pod)) return
    released.set(uid, pod)
    queue.add(uid)
  }

  async function takeOff(uid: string): Promise<void> {
    const pod = released.get(uid)
    if (!pod) return
    const ref = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' }
    const current = pods.get(ref)
    if (current && uidOf(current) === uid && isHeld(current)) await removeFinalizer(cluster, current)
    released.delete(uid)
  }

  function tell(uid: string, error: unknown, failures: number): void {
    if (failures !== FAILURES_WORTH_TELLING) return
    log.warn({ err: error, pod: released.get(uid)?.metadata.name, uid }, 'a pod could not be released; trying again')
  }

  function startDeadline(uid: string): void {
    if (deadlines.has(uid)) return
    const cancel = timers.after(DEADLINE_MS, () => {
      const pod = [...pods.items()].find((each) => uidOf(each) === uid)
      if (!pod || !isHeld(pod)) return
      log.error({ pod: pod.metadata.name, uid }, 'released a pod whose end was never acknowledged')
      release(pod)
    })
    deadlines.set(uid, cancel)
  }

  function forget(uid: string): void {
    deadlines.get(uid)?.()
    deadlines.delete(uid)
    knownTo.delete(uid)
  }

  const unsubscribe = pods.onChange(({ type, object: pod }) => {
    const { metadata, spec } = pod
    if (type === 'DELETED' || !isHeld(pod)) return forget(uidOf(pod))
    if (released.has(uidOf(pod))) return
    // Never bound and on its way out: it held nothing, so there is nothing to meter.
    if (metadata.deletionTimestamp && !spec?.nodeName) return release(pod)
    if (hasEnded(pod)) startDeadline(uidOf(pod))
  })

  return {
    get pending() {
      return queue.pending
    },
    acknowledged(subgraph, records) {
      if (!KEEPERS.includes(subgraph)) return
      for (const record of records) {
        if (record.kind !== 'pod' || record.finishedAt === null) continue
        const pod = pods.get(record)
        if (!pod || uidOf(pod) !== record.uid || !isHeld(pod)) continue
        const known = knownTo.get(record.uid) ?? new Set()
        knownTo.set(record.uid, known.add(subgraph))
        if (known.size === KEEPERS.length) release(pod)
      }
    },
    async stop() {
      unsubscribe()
      for (const cancel of deadlines.values()) cancel()
      await queue.stop()
    },
  }
}

/** Refused where the pod is another one by now, or its finalizers are others than the cache has. */
async function removeFinalizer(cluster: Cluster, { metadata }: Pod): Promise<void> {
  const index = metadata.finalizers?.indexOf(METERED_FINALIZER) ?? -1
  const path = jsonPointer('metadata', 'finalizers', String(index))
  try {
    await cluster.patch('Pod', { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }, [
      { op: 'test', path: '/metadata/uid', value: metadata.uid },
      { op: 'test', path, value: METERED_FINALIZER },
      { op: 'remove', path },
    ])
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'NOT_FOUND')) throw error
  }
}

function uidOf({ metadata }: Pod): string {
  return metadata.uid ?? ''
}

function isHeld({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(METERED_FINALIZER) ?? false
}
