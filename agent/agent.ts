import type { Cluster } from '../kubernetes/cluster.ts'
import type { DomainClock, WallClock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { systemTimers, type Timers } from '../platform/timers.ts'
import type { Link } from './link/link.ts'
import { type QuietOptions, startTerm, type Term } from './term.ts'
import { type ElectionSettings, SHARED, standForTerms } from './terms.ts'

/** The compute plane of one cluster: the scheduler, directives down, observations up; or a standby for another agent. */
export interface Agent {
  /** Id of the cluster, once the control plane has told this agent; stays pending where stop() came first. */
  readonly clusterId: Promise<string>
  /** Whether it is this agent that schedules the cluster. */
  readonly isLeading: boolean
  /** As the term says it; at once where the agent is stopped. Waits for a term while there is none. */
  whenQuiet(quiet: QuietOptions): Promise<void>
  heartbeat(): void
  /** Soon, whatever the control plane does: what is under way there is broken off. */
  stop(): Promise<void>
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
  election?: ElectionSettings
  timers?: Timers
  random?: () => number
}

/**
 * Needs the platform's objects in the cluster (installPlatform). Resolves when the cluster is being
 * scheduled, by this agent or by the one that it stands by for. That goes on with and without a control
 * plane; the conversation with that begins when it answers.
 * @throws ClusterError where the cluster does not let it begin a term; nothing has been started then
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { clusterName, log, election = SHARED, timers = systemTimers, random = Math.random } = options
  const clusterId = Promise.withResolvers<string>()
  const stopped = Promise.withResolvers<void>()
  let isStopped = false

  const terms = await standForTerms<Term>({
    ...options,
    election,
    timers,
    random,
    start: (begin) =>
      startTerm({
        ...options,
        ...begin,
        timers,
        random,
        replicaRole: election.isShared ? 'leader' : 'standalone',
        onKnown: clusterId.resolve,
      }),
  })

  return {
    clusterId: clusterId.promise,
    get isLeading() {
      return terms.current !== null
    },
    async whenQuiet(quiet) {
      for (;;) {
        const asked = terms.current
        if (asked !== null) await asked.whenQuiet(quiet)
        else if (!isStopped) await Promise.race([terms.whenChanged(), stopped.promise])
        if (isStopped || (asked !== null && asked === terms.current)) return
      }
    },
    heartbeat: () => terms.current?.heartbeat(),
    async stop() {
      isStopped = true
      stopped.resolve()
      await terms.stop()
      await options.link.close()
      log.debug({ cluster: clusterName }, 'the agent has stopped')
    },
  }
}
