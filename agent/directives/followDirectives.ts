import { ClusterError } from '../../kubernetes/cluster.ts'
import type { Directive, SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'
import type { Link } from '../link/link.ts'

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
  log: Log
  timers: Timers
  random: () => number
  /** Called whenever `position` or `pending` changed. */
  onProgress(): void
}

const PAGE_SIZE = 500
const HOLD_MS = 20_000
const PARALLEL = 16
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 10_000
/** The first tries of a new project's job meet no namespace yet: that is the order of things, and told to nobody. */
const FAILURES_WORTH_TELLING = 4

/**
 * Level-triggered per object: the newest directive of an object replaces one that is still waiting,
 * and an object that cannot be brought to its state yet (its namespace is missing, the API server
 * refuses) is tried again by itself, never holding up the others. Where it has come to is kept in
 * memory alone: an agent that starts anew reads all current directives and applies them again.
 */
export function followDirectives(options: FollowOptions): DirectivesFollower {
  const { subgraph, clusterId, link, log, timers, random, onProgress } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const wanted = new Map<string, Directive>()
  const busy = new Set<string>()
  const ready: string[] = []
  let position: string | undefined

  const keyOf = ({ kind, key }: Directive) => `${kind}/${key}`

  function startReady(): void {
    while (busy.size < PARALLEL && ready.length > 0 && !signal.aborted) {
      const key = ready.shift()
      if (key === undefined || busy.has(key) || !wanted.has(key)) continue
      busy.add(key)
      void bring(key)
    }
  }

  /** Works on one object until its newest directive is applied. */
  async function bring(key: string): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const directive = wanted.get(key)
      if (!directive) break
      try {
        await options.apply(directive)
        if (wanted.get(key) === directive) wanted.delete(key)
        failures = 0
      } catch (error) {
        // What the API server will never take is not tried forever: a newer directive may mend it.
        if (isHopeless(error) && wanted.get(key) === directive) {
          log.error({ err: error, subgraph, key }, 'the API server refuses this object; waiting for a newer directive')
          wanted.delete(key)
          continue
        }
        failures += 1
        if (failures === FAILURES_WORTH_TELLING) {
          log.warn({ err: error, subgraph, key }, 'applying a directive fails; trying again')
        }
        busy.delete(key)
        startReady()
        await pause(timers, backoffMs(failures, FIRST_RETRY_MS, LAST_RETRY_MS, random), signal)
        busy.add(key)
      }
    }
    busy.delete(key)
    startReady()
    onProgress()
  }

  async function follow(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const request = {
          clusterId,
          limit: PAGE_SIZE,
          waitMs: HOLD_MS,
          ...(position === undefined ? {} : { after: position }),
        }
        const page = await link.directives(subgraph, request, signal)
        for (const directive of page.directives) {
          const key = keyOf(directive)
          const waiting = wanted.has(key)
          wanted.set(key, directive)
          if (!waiting) ready.push(key)
        }
        position = page.position
        failures = 0
        startReady()
        onProgress()
      } catch (error) {
        if (signal.aborted) return
        failures += 1
        if (failures === 1) log.warn({ err: error, subgraph }, 'the control plane does not answer; trying again')
        await pause(timers, backoffMs(failures, FIRST_RETRY_MS, LAST_RETRY_MS, random), signal)
      }
    }
  }

  const following = follow()
  return {
    get position() {
      return position
    },
    get pending() {
      return wanted.size
    },
    async stop() {
      stopping.abort()
      await following
    },
  }
}

function isHopeless(error: unknown): boolean {
  return error instanceof ClusterError && (error.code === 'INVALID' || error.code === 'BAD_REQUEST')
}
