import type { Cluster } from '../kubernetes/cluster.ts'
import type { DomainClock, WallClock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { systemTimers, type Timers } from '../platform/timers.ts'
import { startScheduler } from '../scheduler/live/scheduler.ts'
import { startCaches, stopCaches } from './caches.ts'
import { type Conversation, startConversation, type Through } from './conversation.ts'
import { beginEpoch } from './epochs.ts'
import { tellJobEvents } from './events/tellJobEvents.ts'
import { greet } from './link/greet.ts'
import type { Link } from './link/link.ts'
import { releasePods } from './observe/releasePods.ts'

/** The compute plane of one cluster: the scheduler, directives down, observations up. */
export interface Agent {
  /** Id of the cluster, once the control plane knows it; stays pending where stop() came first. */
  readonly clusterId: Promise<string>
  /** Resolves when this instant of domain time is settled, and time may go on; at once where the agent is stopped. */
  whenQuiet(quiet: QuietOptions): Promise<void>
  /** Has every subgraph told how far the cluster has been observed. */
  heartbeat(): void
  /** Soon, whatever the control plane does: what is under way there is broken off. */
  stop(): Promise<void>
}

export interface QuietOptions {
  /** Directives up to here are applied. */
  through: Through
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
  clock: DomainClock
  wall: WallClock
  log: Log
  /** Whether Events on Jobs tell those who look with kubectl. A simulated cluster has nobody who looks. */
  tellsEvents: boolean
  timers?: Timers
  random?: () => number
}

/**
 * Needs the platform's objects in the cluster (installPlatform). Resolves when the cluster is being
 * scheduled, which goes on with and without a control plane; the conversation with that begins when it answers.
 * @throws ClusterError where the cluster does not let it begin a term of the scheduler; nothing has been started then
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { cluster, clusterName, kubernetesVersion, clock, wall, log } = options
  const { timers = systemTimers, random = Math.random } = options
  const stopping = new AbortController()
  const clusterId = Promise.withResolvers<string>()
  let progress = Promise.withResolvers<void>()
  const onProgress = () => {
    progress.resolve()
    progress = Promise.withResolvers()
  }

  const epoch = await beginEpoch(cluster, 'scheduler')
  const caches = await startCaches(cluster, log)
  const scheduler = startScheduler({ cluster, caches, clock, wall, epoch, log, timers, random })
  const releaser = releasePods({ cluster, pods: caches.pods, log, timers, random, onProgress })
  const teller = options.tellsEvents ? tellJobEvents({ cluster, caches, log, timers }) : null
  log.info({ cluster: clusterName, epoch }, 'the cluster is being scheduled')

  let conversation: Conversation | null = null
  const connecting = connect()

  async function connect(): Promise<void> {
    const hello = { name: clusterName, kubernetesVersion }
    const greeted = await greet({ link: options.link, hello, log, timers, random, signal: stopping.signal })
    if (greeted === null) return
    conversation = startConversation({ ...greeted, cluster, caches, releaser, clock, log, timers, random, onProgress })
    clusterId.resolve(greeted.clusterId)
    log.info({ clusterId: greeted.clusterId }, 'the control plane knows this cluster')
  }

  return {
    clusterId: clusterId.promise,
    async whenQuiet({ through, whenClusterIdle, backlog }) {
      await connecting
      while (conversation !== null && !stopping.signal.aborted) {
        const { promise: happened } = progress
        await whenClusterIdle()
        await scheduler.whenIdle()
        const isAtRest = conversation.hasCome(through, backlog) && (backlog > 0 || releaser.pending === 0)
        if (isAtRest && scheduler.idle()) return
        if (!isAtRest) await happened
      }
    },
    heartbeat: () => conversation?.heartbeat(),
    async stop() {
      stopping.abort()
      onProgress()
      scheduler.stop()
      await connecting
      await Promise.all([conversation?.stop(), releaser.stop(), teller?.stop(), stopCaches(caches)])
      await options.link.close()
    },
  }
}
