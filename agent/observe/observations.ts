import type { Cluster } from '../../kubernetes/cluster.ts'
import type { DomainClock } from '../../platform/clock.ts'
import { OBSERVERS, type SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { pause, type Timers } from '../../platform/timers.ts'
import type { Caches } from '../caches.ts'
import { beginEpoch } from '../epochs.ts'
import type { Link } from '../link/link.ts'
import { startObserver } from './observer.ts'
import { type Outbox, startOutbox } from './outbox.ts'
import type { PodReleaser } from './releasePods.ts'

/** What the agent tells: one observer, an outbox for each subgraph that observes. */
export interface Observations {
  /** No subgraph has more than `backlog` records yet to acknowledge. */
  isWithin(backlog: number): boolean
  /** Has every subgraph told how far the cluster has been observed. */
  heartbeat(): void
  stop(): Promise<void>
}

interface ObservationsOptions {
  cluster: Cluster
  link: Link
  clock: DomainClock
  log: Log
  timers: Timers
  random: () => number
  clusterId: string
  caches: Caches
  releaser: PodReleaser
  onProgress: () => void
}

const OBSERVING = (Object.keys(OBSERVERS) as SubgraphName[]).filter((name) => OBSERVERS[name].length > 0)
const RETRY_MS = 1_000

/** Begins with a resync: what happened while no agent ran is found by telling all there is. */
export function startObservations(options: ObservationsOptions): Observations {
  const { caches, cluster, clock, log, timers, releaser, onProgress } = options
  const stopping = new AbortController()
  let resyncing: Promise<void> | undefined
  const outboxes = new Map<SubgraphName, Outbox>(
    OBSERVING.map((subgraph) => [
      subgraph,
      startOutbox({
        ...options,
        subgraph,
        onAcknowledged(records) {
          if (subgraph === 'metering') releaser.acknowledged(records)
          onProgress()
        },
        onResyncNeeded: (knownEpoch) => resync(knownEpoch),
      }),
    ]),
  )
  const observer = startObserver({ caches, outboxes, now: () => new Date(clock.nowMs()), log })

  /** All outboxes begin anew together: a resync is rare, and one epoch is simpler than four. */
  function resync(knownEpoch: number): void {
    resyncing ??= beginAnew(knownEpoch).finally(() => {
      resyncing = undefined
      onProgress()
    })
  }

  async function beginAnew(knownEpoch: number): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const epoch = await beginEpoch(cluster, 'observations', knownEpoch)
        for (const outbox of outboxes.values()) outbox.restart(epoch)
        observer.resync()
        return
      } catch (error) {
        log.error({ err: error }, 'could not begin a new epoch of observations; trying again')
        await pause(timers, RETRY_MS, stopping.signal)
      }
    }
  }

  resync(0)
  return {
    isWithin: (backlog) =>
      resyncing === undefined && [...outboxes.values()].every((outbox) => outbox.backlog <= backlog),
    heartbeat() {
      for (const outbox of outboxes.values()) outbox.heartbeat()
    },
    async stop() {
      stopping.abort()
      observer.stop()
      await resyncing
      await Promise.all([...outboxes.values()].map((outbox) => outbox.stop()))
    },
  }
}
