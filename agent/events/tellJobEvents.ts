import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import type { Informer } from '../../kubernetes/informer.ts'
import type { Job, Kinds } from '../../kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import { pause, type Timers } from '../../platform/timers.ts'
import { ownerOf } from '../observe/ownership.ts'
import { jobEvents } from './jobEvents.ts'

interface TellerOptions {
  cluster: Cluster
  caches: { readonly jobs: Informer<'Job'>; readonly namespaces: Informer<'Namespace'> }
  log: Log
  timers: Timers
}

/** Least wall time between two events written: they are for people to read, and admissions go first. */
const EVERY_MS = 20
/** So many times as long as an answer took is waited before the next: a cluster that is busy is told less. */
const PAUSE_PER_ANSWER = 4
/** Events that may wait to be written; beyond it the oldest are never told. */
const MAX_WAITING = 10_000
const PASSING: ReadonlySet<string> = new Set(['TIMEOUT', 'UNAVAILABLE', 'TOO_MANY_REQUESTS'])
const RETRY_MS = 5_000

/**
 * Keeps Events on tenants' Jobs: admitted, evicted, and why it waits. They follow what the scheduler writes
 * on a Job, which changes a reason at most twice a minute. Best effort, one at a time, the newest first;
 * an agent that starts anew tells what stands, and what had been told already the API server refuses.
 */
export function tellJobEvents({ cluster, caches, log, timers }: TellerOptions): { stop(): Promise<void> } {
  const stopping = new AbortController()
  /** In the order in which they came to be. */
  const waiting: Kinds['Event'][] = []
  /** Names by Job's uid, so that a Job that changes otherwise tells nothing again. */
  const told = new Map<string, Set<string>>()
  let wake = Promise.withResolvers<void>()
  let isForbidden = false

  function see(job: Job): void {
    if (ownerOf(caches.namespaces.get({ name: job.metadata.namespace ?? '' })) === null) return
    const { uid = '' } = job.metadata
    const before = told.get(uid) ?? new Set<string>()
    const now = jobEvents(job)
    waiting.push(...now.filter((event) => !before.has(nameOf(event))))
    // What stands no longer cannot come again: each has a time of its own.
    told.set(uid, new Set(now.map(nameOf)))
    waiting.splice(0, waiting.length - MAX_WAITING)
    if (waiting.length > 0) wake.resolve()
  }

  async function tellAll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const newest = waiting.pop()
      if (newest === undefined) {
        await wake.promise
        wake = Promise.withResolvers()
        continue
      }
      const sinceMs = performance.now()
      if (await tell(newest)) {
        const tookMs = performance.now() - sinceMs
        await pause(timers, Math.max(EVERY_MS, PAUSE_PER_ANSWER * tookMs), stopping.signal)
      } else {
        waiting.push(newest)
        await pause(timers, RETRY_MS, stopping.signal)
      }
    }
  }

  /** @returns false where it is worth another try */
  async function tell(event: Kinds['Event']): Promise<boolean> {
    try {
      await cluster.create('Event', event)
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error
      if (PASSING.has(error.code)) return false
      // Told before, or its namespace is going; what the agent may not do at all is worth a word, once.
      const namespace = caches.namespaces.get({ name: event.metadata.namespace ?? '' })
      if (error.code === 'FORBIDDEN' && namespace?.metadata.deletionTimestamp === undefined && !isForbidden) {
        isForbidden = true
        log.warn({ err: error }, 'no events can be written on Jobs')
      }
    }
    return true
  }

  const unsubscribe = caches.jobs.onChange(({ type, object }) => {
    if (type === 'DELETED') told.delete(object.metadata.uid ?? '')
    else see(object)
  })
  const telling = tellAll()
  return {
    async stop() {
      unsubscribe()
      stopping.abort()
      wake.resolve()
      await telling
    },
  }
}

function nameOf({ metadata }: Kinds['Event']): string {
  return `${metadata.namespace}/${metadata.name}`
}
