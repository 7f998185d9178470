import { pino } from 'pino'
import { DEFAULT_TIMES } from '../../agent/election/election.ts'
import { standForTerms, type TermBegin, type Terms } from '../../agent/terms.ts'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { type Scheduler, startScheduler } from '../../scheduler/live/scheduler.ts'
import { REQUEST_TIMEOUT_MS } from './network.ts'
import type { Process } from './process.ts'

interface Term {
  readonly scheduler: Scheduler
  readonly begin: TermBegin
  stop(): Promise<void>
}

/** One life of one replica of the agent, as far as it schedules: elected as ever, with the scheduler as ever. */
export interface Replica {
  readonly process: Process
  /** While it leads. */
  readonly term: Term | null
  /** Nothing of it is left. */
  end(): Promise<void>
}

export interface ReplicaOptions {
  readonly process: Process
  /** As the process reaches it. */
  readonly cluster: Cluster
  readonly random: () => number
  /** Whether that replica is known to be no more, as a process of the same machine is. */
  readonly isDead: (identity: string) => boolean
  /** Called where it could not begin, and has ended. */
  readonly onCrash: () => void
}

const log = pino({ level: 'silent' })

export function startReplica({ process, cluster, random, isDead, onCrash }: ReplicaOptions): Replica {
  const { timers, wall, clock, name } = process
  let terms: Terms<Term> | null = null
  const started = new Set<Scheduler>()

  const starting = standForTerms<Term>({
    cluster,
    election: {
      times: DEFAULT_TIMES,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      isShared: true,
      holder: { identity: name, isDead },
      monotonicMs: () => process.monotonicMs(),
    },
    wall,
    log,
    timers,
    random,
    start(begin) {
      const scheduler = startScheduler({ ...begin, clock, timers, random, log })
      started.add(scheduler)
      return { scheduler, begin, stop: async () => scheduler.stop() }
    },
  })
  starting.then(
    (stood) => {
      terms = stood
    },
    (error) => {
      if (!(error instanceof ClusterError)) throw error
      process.kill()
      onCrash()
    },
  )
  // What counts beside it, as metrics do, lets go of it.
  process.onKill(() => {
    for (const scheduler of started) scheduler.stop()
  })

  return {
    process,
    get term() {
      return process.state === 'dead' ? null : (terms?.current ?? null)
    },
    async end() {
      process.kill()
    },
  }
}
