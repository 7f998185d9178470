import type { Cluster } from '../kubernetes/cluster.ts'
import type { DomainClock } from '../platform/clock.ts'
import { comparePositions } from '../platform/feeds/feeds.ts'
import type { Directive, SubgraphName } from '../platform/link/protocol.ts'
import type { Log } from '../platform/log.ts'
import { inSpan, type SpanOptions } from '../platform/telemetry/spans.ts'
import type { Timers } from '../platform/timers.ts'
import type { Caches } from './caches.ts'
import { applyDirective } from './directives/applyDirective.ts'
import { type DirectivesFollower, followDirectives } from './directives/followDirectives.ts'
import { jobObjects } from './directives/jobObjects.ts'
import type { Link } from './link/link.ts'
import { startObservations } from './observe/observations.ts'
import type { PodReleaser } from './observe/releasePods.ts'
import type { SnapshotTeller } from './observe/tellSnapshots.ts'

/** Positions of directive feeds. */
export type Through = Partial<Record<SubgraphName, string>>

/** With a control plane that knows this cluster: observations up, directives down. */
export interface Conversation {
  /** All directives up to `through` are applied, and of no subgraph more than `backlog` records are unacknowledged. */
  hasCome(through: Through, backlog: number): boolean
  /** Has every subgraph told how far the cluster has been observed. */
  heartbeat(): void
  stop(): Promise<void>
}

interface ConversationOptions {
  cluster: Cluster
  clusterId: string
  /** Of the scheduler's term. */
  epoch: number
  caches: Caches
  releaser: PodReleaser
  snapshots: SnapshotTeller
  link: Link
  clock: DomainClock
  log: Log
  timers: Timers
  random: () => number
  onProgress(): void
}

/** Which subgraphs send directives, and in which order it helps to take them: a job needs its namespace and its queue. */
const DIRECTING: readonly SubgraphName[] = ['tenants', 'inventory', 'jobs']
const HEARTBEAT_MS = 2_000

/**
 * Each subgraph is told before it is listened to. A Job that was deleted while no agent ran would
 * otherwise be created again, by the directive of a job that is cancelled as soon as that is known.
 */
export function startConversation(options: ConversationOptions): Conversation {
  const { cluster, caches, releaser, timers } = options
  const observations = startObservations({
    ...options,
    onAcknowledged: releaser.acknowledged,
  })
  const jobs = jobObjects(caches.jobs)
  const followers = new Map(
    DIRECTING.map((subgraph) => [
      subgraph,
      followDirectives({
        ...options,
        subgraph,
        begin: observations.whenTold(subgraph),
        onSettled({ kind, key, body }, refusal) {
          if (kind === 'Job') observations.refusal(key, body === null ? null : (refusal?.message ?? null))
        },
        apply: (directive) =>
          inSpan(`apply ${directive.kind}`, traceOfDirective(directive), () =>
            applyDirective(cluster, directive, jobs),
          ),
      }),
    ]),
  )
  const endHeartbeats = every(HEARTBEAT_MS, timers, observations.heartbeat)

  return {
    hasCome: (through, backlog) =>
      [...followers].every(([subgraph, follower]) => hasReached(follower, through[subgraph])) &&
      observations.isWithin(backlog),
    heartbeat: observations.heartbeat,
    async stop() {
      endHeartbeats()
      await Promise.all([observations.stop(), ...[...followers.values()].map((follower) => follower.stop())])
    },
  }
}

/** The client's who asked for what it says. */
function traceOfDirective({ kind, body }: Directive): SpanOptions {
  const job = kind === 'Job' ? body : null
  return {
    scope: 'agent',
    kind: 'CONSUMER',
    parent: job?.traceparent,
    attributes: job
      ? { 'k8s.namespace.name': job.namespace, 'k8s.job.name': job.objectName, 'sluice.tenant.id': job.tenantId }
      : {},
  }
}

function hasReached({ pending, position }: DirectivesFollower, target: string | undefined): boolean {
  if (pending > 0) return false
  if (target === undefined) return true
  return position !== undefined && comparePositions(position, target) >= 0
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
