import { type Cluster, ClusterError, jsonPointer } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import { METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import type { Observation } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'

export interface PodReleaser {
  /** Metering has these records: pods that have ended may go. */
  acknowledged(records: readonly Observation[]): void
  /** Releases ended pods that metering has not acknowledged within the deadline. Called once in a while. */
  releaseOverdue(wallNowMs: number): void
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

/** An outage of metering must not keep finished pods for ever; a day is longer than any we would leave alone. */
const DEADLINE_MS = 24 * 3_600_000
const PARALLEL = 16

/**
 * Takes the finalizer `sluice.dev/metered` off pods that metering has taken in. Until then a finished
 * pod stays in the cluster, so that an agent that starts anew can still tell of it.
 */
export function releasePods({ cluster, pods, log, timers, random, onProgress }: ReleaserOptions): PodReleaser {
  const stopping = new AbortController()
  const waiting: Pod[] = []
  const known = new Set<string>()
  /** Ended but not acknowledged: uid → wall time by which it is released all the same. */
  const deadlines = new Map<string, number>()
  const running = new Set<Promise<void>>()

  function release(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    if (known.has(uid) || !pod.metadata.finalizers?.includes(METERED_FINALIZER)) return
    known.add(uid)
    waiting.push(pod)
    startWaiting()
  }

  function startWaiting(): void {
    while (running.size < PARALLEL && !stopping.signal.aborted) {
      const pod = waiting.shift()
      if (!pod) return
      const work: Promise<void> = takeOff(pod).finally(() => {
        known.delete(pod.metadata.uid ?? '')
        running.delete(work)
        startWaiting()
        onProgress()
      })
      running.add(work)
    }
  }

  async function takeOff(pod: Pod): Promise<void> {
    const ref = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' }
    for (let failures = 0; !stopping.signal.aborted; ) {
      const current = pods.get(ref) ?? pod
      const index = current.metadata.finalizers?.indexOf(METERED_FINALIZER) ?? -1
      if (index < 0 || current.metadata.uid !== pod.metadata.uid) return
      const path = `/metadata/finalizers${jsonPointer(String(index))}`
      try {
        await cluster.patch('Pod', ref, [
          { op: 'test', path: '/metadata/uid', value: pod.metadata.uid },
          { op: 'test', path, value: METERED_FINALIZER },
          { op: 'remove', path },
        ])
        return
      } catch (error) {
        if (error instanceof ClusterError && error.code === 'NOT_FOUND') return
        failures += 1
        if (failures === 3) log.warn({ err: error, pod: ref }, 'a finished pod could not be released; trying again')
        await pause(timers, backoffMs(failures, 20, 5_000, random), stopping.signal)
      }
    }
  }

  const unsubscribe = pods.onChange(({ type, object }) => {
    const uid = object.metadata.uid ?? ''
    if (type === 'DELETED') return void deadlines.delete(uid)
    // Never bound and on its way out: it held nothing, so there is nothing to meter.
    if (object.metadata.deletionTimestamp && !object.spec?.nodeName) release(object)
  })

  return {
    get pending() {
      return running.size + waiting.length
    },
    acknowledged(records) {
      for (const record of records) {
        if (record.kind !== 'pod' || record.finishedAt === null) continue
        const pod = pods.get(record)
        if (pod?.metadata.uid !== record.uid) continue
        deadlines.delete(record.uid)
        release(pod)
      }
    },
    releaseOverdue(wallNowMs) {
      for (const pod of pods.items()) {
        const uid = pod.metadata.uid ?? ''
        const hasEnded = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
        if (!hasEnded || !pod.metadata.finalizers?.includes(METERED_FINALIZER)) continue
        const deadline = deadlines.get(uid) ?? wallNowMs + DEADLINE_MS
        deadlines.set(uid, deadline)
        if (wallNowMs < deadline) continue
        log.error(
          { pod: pod.metadata.name, uid },
          'released a finished pod that metering never acknowledged; its interval may be missing',
        )
        release(pod)
      }
    },
    async stop() {
      unsubscribe()
      stopping.abort()
      await Promise.all(running)
    },
  }
}
