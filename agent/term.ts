import type { Cluster } from '../kubernetes/cluster.ts'
import type { DomainClock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Timers } from '../platform/timers.ts'
import { startScheduler } from '../scheduler/live/scheduler.ts'
import type { ReplicaRole } from '../scheduler/live/schedulerMetrics.ts'
import type { Caches } from './caches.ts'
import { type Conversation, startConversation, type Through } from './conversation.ts'
import { tellJobEvents } from './events/tellJobEvents.ts'
import { greet } from './link/greet.ts'
import type { Link } from './link/link.ts'
import { releasePods } from './observe/releasePods.ts'
import { tellSnapshots } from './observe/tellSnapshots.ts'

/** What an agent does while it leads its cluster: it schedules, applies directives and observes. */
export interface Term {
  /** Resolves when this instant of domain time is settled, and time may go on; at once where the term is over. */
  whenQuiet(quiet: QuietOptions): Promise<void>
  /** Has every subgraph told how far the cluster has been observed. */
  heartbeat(): void
  /** Decides nothing more at once; resolves when all that was under way has ended. */
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

export interface TermOptions {
  cluster: Cluster
  clusterName: string
  kubernetesVersion: string
  /** As the cluster was when the term began, or later. */
  caches: Caches
  epoch: number
  link: Link
  clock: DomainClock
  /** Nobody can set it. */
  monotonicMs: () => number
  log: Log
  tellsEvents: boolean
  replicaRole: ReplicaRole
  timers: Timers
  random: () => number
  /** Called once the control plane knows the cluster. */
  onKnown(clusterId: string): void
}

export function startTerm(options: TermOptions): Term {
  const { cluster, clusterName, kubernetesVersion, caches, epoch, log, timers, random } = options
  const stopping = new AbortController()
  let progress = Promise.withResolvers<void>()
  const onProgress = () => {
    progress.resolve()
    progress = Promise.withResolvers()
  }
  const scheduler = startScheduler({ ...options, replicaRole: () => options.replicaRole })
  const releaser = releasePods({ cluster, pods: caches.pods, log, timers, random, onProgress })
  const snapshots = tellSnapshots({ scheduler, clock: options.clock, log, timers })
  const teller = options.tellsEvents ? tellJobEvents({ cluster, caches, log, timers }) : null
  log.info({ cluster: clusterName, epoch }, 'the cluster is being scheduled')

  let conversation: Conversation | null = null
  const connecting = connect()

  async function connect(): Promise<void> {
    const uid = caches.namespaces.get({ name: 'kube-system' })?.metadata.uid
    const hello = { name: clusterName, kubernetesVersion, ...(uid !== undefined && { uid }) }
    const greeted = await greet({ link: options.link, hello, log, timers, random, signal: stopping.signal })
    if (greeted === null) return
    conversation = startConversation({ ...options, ...greeted, releaser, snapshots, onProgress })
    options.onKnown(greeted.clusterId)
    log.info({ clusterId: greeted.clusterId }, 'the control plane knows this cluster')
  }

  return {
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
      scheduler.stop()
      snapshots.stop()
      onProgress()
      await connecting
      await Promise.all([conversation?.stop(), releaser.stop(), teller?.stop()])
    },
  }
}
