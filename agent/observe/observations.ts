import type { Cluster } from '../../kubernetes/cluster.ts'
import type { DomainClock } from '../../platform/clock.ts'
import { OBSERVERS, type Observation, type SubgraphName } from '../../platform/link/protocol.ts'
import type { Log } from '../../platform/log.ts'
import { outageOf } from '../../platform/outage.ts'
import { backoffMs, pause, type Timers } from '../../platform/timers.ts'
import type { Caches } from '../caches.ts'
import { beginEpoch } from '../epochs.ts'
import type { Link } from '../link/link.ts'
import { startObserver } from './observer.ts'
import { type Outbox, startOutbox } from './outbox.ts'
import type { SnapshotTeller } from './tellSnapshots.ts'

/** What the agent tells: one observer, an outbox for each subgraph that observes. */
export interface Observations {
  /** Resolves once the subgraph knows all there was when the agent started; at once where it takes no observations. */
  whenTold(subgraph: SubgraphName): Promise<void>
  /** No subgraph has more than `backlog` records yet to acknowledge. */
  isWithin(backlog: number): boolean
  /** A job of the API that the cluster refuses as it is, with why; null: no longer. */
  refusal(jobId: string, message: string | null): void
  /** Has every subgraph told how far the cluster has been observed. */
  heartbeat(): void
  stop(): Promise<void>
}

interface ObservationsOptions {
  cluster: Cluster
  clusterId: string
  /** Of the scheduler, to which these observations belong. */
  epoch: number
  caches: Caches
  link: Link
  clock: Pick<DomainClock, 'nowMs'>
  log: Log
  timers: Timers
  random: () => number
  /** What the scheduler plans from, where there is news of it. */
  snapshots: Pick<SnapshotTeller, 'newest' | 'acknowledged' | 'retell'>
  /** The subgraph has applied these records. */
  onAcknowledged(subgraph: SubgraphName, records: readonly Observation[]): void
  onProgress(): void
}

const OBSERVING = (Object.keys(OBSERVERS) as SubgraphName[]).filter((name) => OBSERVERS[name].length > 0)
const BASE_PAUSE_MS = 1_000
/** Two agents that speak for one cluster drive each other out of their epochs: so often at most. */
const LAST_PAUSE_MS = 60_000
/** An epoch that has lasted so long was no failure. */
const LASTING_MS = 300_000

/** Begins with a resync: what happened while no agent ran is found by telling all there is. */
export function startObservations(options: ObservationsOptions): Observations {
  const { cluster, caches, clock, log, timers, random, onProgress } = options
  const stopping = new AbortController()
  const told = new Map(OBSERVING.map((subgraph) => [subgraph, Promise.withResolvers<void>()]))
  const outboxes = new Map<SubgraphName, Outbox>(
    OBSERVING.map((subgraph) => [
      subgraph,
      startOutbox({
        ...options,
        subgraph,
        ...(OBSERVERS[subgraph].includes('snapshot') && { rider: options.snapshots.newest }),
        observedMs: observedUntil(caches, clock),
        onAcknowledged(records) {
          if (records.some(({ kind }) => kind === 'resyncEnd')) told.get(subgraph)?.resolve()
          options.snapshots.acknowledged(records)
          options.onAcknowledged(subgraph, records)
          onProgress()
        },
        onResyncNeeded: resync,
      }),
    ]),
  )
  const observer = startObserver({ caches, outboxes, now: () => new Date(clock.nowMs()), log, onProgress })
  let resyncing: Promise<void> | undefined
  /** Epochs in a row that did not last. */
  let shortEpochs = 0
  let cancelLasting = () => {}

  /** All outboxes begin anew together: a resync is rare, and one epoch is simpler than four. */
  function resync(knownEpoch: number): void {
    resyncing ??= beginAnew(knownEpoch).finally(() => {
      resyncing = undefined
      onProgress()
    })
  }

  async function beginAnew(knownEpoch: number): Promise<void> {
    cancelLasting()
    const outage = outageOf(log, {}, 'no new epoch of observations can begin')
    for (let attempt = shortEpochs; ; attempt++) {
      // The first one is the start, and the second may owe itself to a cluster made anew under its old name.
      if (attempt > 1)
        await pause(timers, backoffMs(attempt - 2, BASE_PAUSE_MS, LAST_PAUSE_MS, random), stopping.signal)
      if (stopping.signal.aborted) return
      try {
        const epoch = await beginEpoch(cluster, 'observations', { above: knownEpoch, term: options.epoch })
        if (stopping.signal.aborted) return
        for (const outbox of outboxes.values()) outbox.restart(epoch)
        options.snapshots.retell()
        observer.resync()
        outage.over()
        break
      } catch (error) {
        outage.failed(error)
      }
    }
    shortEpochs += 1
    cancelLasting = timers.after(LASTING_MS, () => {
      shortEpochs = 1
    })
  }

  resync(0)
  return {
    whenTold: (subgraph) => told.get(subgraph)?.promise ?? Promise.resolve(),
    isWithin: (backlog) =>
      resyncing === undefined &&
      !observer.isBehind &&
      [...outboxes.values()].every((outbox) => outbox.backlog <= backlog),
    refusal: observer.refusal,
    heartbeat() {
      for (const outbox of outboxes.values()) outbox.heartbeat()
    },
    async stop() {
      stopping.abort()
      cancelLasting()
      observer.stop()
      await Promise.all([resyncing, ...[...outboxes.values()].map((outbox) => outbox.stop())])
    },
  }
}

/** Now, as long as the caches follow the cluster; where one has lost sight of it, the time at which all still did. */
function observedUntil(caches: Caches, clock: Pick<DomainClock, 'nowMs'>): () => number {
  let lastMs = 0
  return () => {
    if (Object.values(caches).every((cache) => cache.isCurrent)) lastMs = clock.nowMs()
    return lastMs
  }
}
