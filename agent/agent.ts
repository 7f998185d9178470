import type { Cluster } from '../kubernetes/cluster.ts'
import { labels } from '../kubernetes/names.ts'
import type { DomainClock, WallClock } from '../platform/clock.ts'
import { comparePositions } from '../platform/feeds/feeds.ts'
import type { SubgraphName } from '../platform/link/protocol.ts'
import type { Log } from '../platform/log.ts'
import { backoffMs, pause, systemTimers, type Timers } from '../platform/timers.ts'
import { startScheduler } from '../scheduler/live/scheduler.ts'
import { type Caches, startCaches, stopCaches } from './caches.ts'
import { applyDirective, type JobRefs } from './directives/applyDirective.ts'
import { type DirectivesFollower, followDirectives } from './directives/followDirectives.ts'
import { beginEpoch } from './epochs.ts'
import type { Link } from './link/link.ts'
import { startObservations } from './observe/observations.ts'
import { releasePods } from './observe/releasePods.ts'

/** The compute plane of one cluster: directives down, observations up, and the scheduler. */
export interface Agent {
  readonly clusterId: string
  /** Resolves when this instant of domain time is settled, and time may go on. */
  whenQuiet(quiet: QuietOptions): Promise<void>
  /** Has every subgraph told how far the cluster has been observed. */
  heartbeat(): void
  stop(): Promise<void>
}

export interface QuietOptions {
  /** Directives up to here are applied. */
  through: Partial<Record<SubgraphName, string>>
  /** The cluster itself has come to rest; the scheduler then has nothing to decide. */
  whenClusterIdle: () => Promise<void>
  /**
   * Observations that may still be unacknowledged, for each subgraph. 0: all is told, and what follows
   * from it is done. More lets time go on while they travel: they carry their own times.
   */
  backlog: number
}

export interface AgentOptions {
  cluster: Cluster
  clusterName: string
  kubernetesVersion: string
  link: Link
  /** Domain time. */
  clock: DomainClock
  wall: WallClock
  log: Log
  timers?: Timers
  random?: () => number
}

/** Which subgraphs send directives, and in which order it helps to take them: a job needs its namespace and its queue. */
const DIRECTING: readonly SubgraphName[] = ['tenants', 'inventory', 'jobs']
const HEARTBEAT_MS = 2_000

/** Needs the platform's objects in the cluster (installPlatform). Waits for the control plane to make the cluster known. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { cluster, link, clock, wall, log, timers = systemTimers, random = Math.random } = options
  const stopping = new AbortController()
  let next = Promise.withResolvers<void>()
  const onProgress = () => {
    next.resolve()
    next = Promise.withResolvers()
  }

  const { clusterId } = await hello(options, timers, random, stopping.signal)
  const epoch = await beginEpoch(cluster, 'scheduler')
  const caches = await startCaches(cluster, log)
  const scheduler = startScheduler({ cluster, caches, clock, wall, epoch, log, timers, random })
  const releaser = releasePods({ cluster, pods: caches.pods, log, timers, random, onProgress })
  const observations = startObservations({ ...options, timers, random, clusterId, caches, releaser, onProgress })

  const jobRefs = jobsOf(caches)
  const followers = new Map(
    DIRECTING.map((subgraph) => [
      subgraph,
      followDirectives({
        subgraph,
        clusterId,
        link,
        apply: (directive) => applyDirective(cluster, directive, jobRefs),
        log,
        timers,
        random,
        onProgress,
      }),
    ]),
  )
  const endHeartbeats = every(HEARTBEAT_MS, timers, () => {
    observations.heartbeat()
    releaser.releaseOverdue(wall.nowMs())
  })
  log.info({ clusterId, epoch }, 'agent started')

  return {
    clusterId,
    async whenQuiet({ through, whenClusterIdle, backlog }) {
      for (;;) {
        const { promise: progress } = next
        await whenClusterIdle()
        await scheduler.whenIdle()
        const isAtRest =
          [...followers].every(([subgraph, follower]) => hasReached(follower, through[subgraph])) &&
          observations.isWithin(backlog) &&
          (backlog > 0 || releaser.pending === 0)
        if (isAtRest && scheduler.idle()) return
        if (!isAtRest) await progress
      }
    },
    heartbeat: observations.heartbeat,
    async stop() {
      stopping.abort()
      endHeartbeats()
      await Promise.all([...followers.values()].map((follower) => follower.stop()))
      await scheduler.stop()
      await observations.stop()
      await releaser.stop()
      await stopCaches(caches)
      await link.close()
    },
  }
}

function hasReached(follower: DirectivesFollower, target: string | undefined): boolean {
  if (follower.pending > 0) return false
  if (target === undefined) return true
  return follower.position !== undefined && comparePositions(follower.position, target) >= 0
}

async function hello(
  { clusterName, kubernetesVersion, link, log }: AgentOptions,
  timers: Timers,
  random: () => number,
  signal: AbortSignal,
): Promise<{ clusterId: string }> {
  for (let failures = 0; ; ) {
    try {
      return await link.hello({ name: clusterName, kubernetesVersion })
    } catch (error) {
      failures += 1
      if (failures === 1) log.warn({ err: error }, 'the control plane does not answer; trying again')
      await pause(timers, backoffMs(failures, 100, 10_000, random), signal)
      if (signal.aborted) throw error
    }
  }
}

/** Jobs of the API that are in the cluster already, found by their label. */
function jobsOf(caches: Caches): JobRefs {
  const refs: JobRefs = new Map()
  for (const { metadata } of caches.jobs.items()) {
    const jobId = metadata.labels?.[labels.job]
    if (jobId) refs.set(jobId, { namespace: metadata.namespace ?? '', name: metadata.name ?? '' })
  }
  return refs
}

function every(intervalMs: number, timers: Timers, run: () => void): () => void {
  let cancel = () => {}
  const arm = () => {
    cancel = timers.after(intervalMs, () => {
      run()
      arm()
    })
  }
  arm()
  return () => cancel()
}
