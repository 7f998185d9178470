import { once } from 'node:events'
import { ClusterError } from '../../kubernetes/cluster.ts'
import type { Directive, SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { outageOf } from '../../platform/outage.ts'
import { count, record, sampled, secondsSince } from '../../platform/telemetry/metrics.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'
import type { Link } from '../link/link.ts'
import { startWorkQueue } from '../workQueue.ts'

/** One subgraph's directives, applied as they come. */
export interface DirectivesFollower {
  /** Position of the last page taken; what it says may still be under way (see `pending`). */
  readonly position: string | undefined
  /** Objects that have not reached their wanted state yet. */
  readonly pending: number
  stop(): Promise<void>
}

interface FollowOptions {
  subgraph: SubgraphName
  clusterId: string
  link: Link
  apply(directive: Directive): Promise<void>
  /** It has been applied, or (with why) can never be: then a newer directive is waited for. */
  onSettled?(directive: Directive, refusal: Error | null): void
  /** Nothing is asked for before that. */
  begin: Promise<void>
  log: Log
  timers: Timers
  random: () => number
  /** Called whenever `position` or `pending` changed. */
  onProgress(): void
}

const PAGE_SIZE = 500
const HOLD_MS = 20_000
const BASE_RETRY_MS = 100
const LAST_RETRY_MS = 10_000
/** The first tries of a new project's job meet no namespace yet: that is the order of things, and told to nobody. */
const FAILURES_WORTH_TELLING = 6

/**
 * Level-triggered per object: the newest directive of an object replaces one that is still waiting,
 * and an object that cannot be brought to its state yet (its namespace is missing, the API server
 * refuses) is tried again by itself, never holding up the others. Where it has come to is kept in
 * memory alone: an agent that starts anew reads all current directives and applies them again.
 */
export function followDirectives(options: FollowOptions): DirectivesFollower {
  const { subgraph, clusterId, link, apply, log, timers, random, onProgress } = options
  const stopping = new AbortController()
  const { signal } = stopping
  /** One for each object at most, so bounded by what the control plane wants in this cluster. */
  const wanted = new Map<string, { directive: Directive; sinceMs: number }>()
  let position: string | undefined
  let epoch: string | undefined

  const queue = startWorkQueue({ work: bring, onFailure: tell, onProgress, timers, random })

  /** Leaves a directive that came meanwhile to its own turn. */
  async function bring(key: string): Promise<void> {
    const next = wanted.get(key)
    if (!next) return
    const { directive, sinceMs } = next
    const { kind } = directive
    try {
      await apply(directive)
      options.onSettled?.(directive, null)
      record('sluice_link_directive_lag_seconds', { kind }, secondsSince(sinceMs))
    } catch (error) {
      count('sluice_link_directive_failures_total', { kind })
      if (mayPass(error)) throw error
      log.error({ err: error, subgraph, key }, 'this object can never be applied; waiting for a newer directive')
      options.onSettled?.(directive, error instanceof Error ? error : new Error(String(error)))
    }
    if (wanted.get(key) === next) wanted.delete(key)
  }

  function tell(key: string, error: unknown, failures: number): void {
    if (failures === FAILURES_WORTH_TELLING)
      log.warn({ err: error, subgraph, key }, 'applying a directive fails; trying again')
  }

  async function follow(): Promise<void> {
    await Promise.race([options.begin, once(signal, 'abort')])
    const outage = outageOf(log, { subgraph }, 'no directives come from the control plane')
    for (let failures = 0; !signal.aborted; ) {
      try {
        await takePage()
        outage.over()
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        failures += 1
        outage.failed(error)
        await pause(timers, backoffMs(failures, BASE_RETRY_MS, LAST_RETRY_MS, random), signal)
      }
    }
  }

  async function takePage(): Promise<void> {
    const after = position === undefined || epoch === undefined ? {} : { after: position, epoch }
    const page = await link.directives(subgraph, { clusterId, limit: PAGE_SIZE, waitMs: HOLD_MS, ...after }, signal)
    if (epoch !== undefined && page.epoch !== epoch)
      log.warn({ subgraph }, 'the control plane was restored; all its directives are taken again')
    for (const directive of page.directives) {
      const key = `${directive.kind}/${directive.key}`
      wanted.set(key, { directive, sinceMs: performance.now() })
      queue.add(key)
    }
    position = page.position
    epoch = page.epoch
    onProgress()
  }

  const endCount = sampled('sluice_link_directives_pending', (sample) => sample(wanted.size, { subgraph }))
  const following = follow()
  return {
    get position() {
      return position
    },
    get pending() {
      return wanted.size
    },
    async stop() {
      endCount()
      stopping.abort()
      await Promise.all([following, queue.stop()])
    },
  }
}

/**
 * What the API server finds wrong with an object, and what breaks before it gets there, is as wrong the
 * next time: only a newer directive can mend it. All else may have passed by then.
 */
function mayPass(error: unknown): boolean {
  return error instanceof ClusterError && error.code !== 'INVALID' && error.code !== 'BAD_REQUEST'
}
