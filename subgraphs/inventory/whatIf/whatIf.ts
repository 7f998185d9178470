import type { DomainClock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { GraphContext } from '../../../platform/graph/context.ts'
import { refuse } from '../../../platform/graph/errors.ts'
import type { Log } from '../../../platform/log.ts'
import type { Answer, Question } from '../../../scheduler/whatif/questions.ts'
import { newestSnapshots, snapshotBody } from '../store/snapshots.ts'
import { startAnswering } from './answering.ts'

/** Asks the clusters' own `plan` what would be, on what they have told of themselves. */
export interface WhatIf {
  /** Those that have told, in the order of registration. */
  clusters(): Promise<{ id: string; name: string }[]>
  /**
   * @returns null where the cluster has told nothing
   * @throws GraphQLError SERVICE_UNAVAILABLE
   */
  ask<Q extends Question>(clusterId: string, question: Q): Promise<Told<Q['kind']> | null>
  stop(): Promise<void>
}
export type Told<Q extends Question['kind']> = Answer<Q> & {
  /** Domain time as of which the cluster was as it was asked. */
  readonly asOf: Date
}

interface WhatIfOptions {
  database: Database
  clock: Pick<DomainClock, 'nowMs'>
  log: Log
}

/** Snapshots have every tenant's jobs in them: whoever asks shows only what the caller may see. */
export function createWhatIf({ database, clock, log }: WhatIfOptions): WhatIf {
  const answering = startAnswering({ nowMs: () => clock.nowMs(), log })
  return {
    clusters: () => database.read({ role: 'ingest' }, newestSnapshots),
    async ask<Q extends Question>(clusterId: string, question: Q) {
      const told = await answering.ask(clusterId, question, (held) =>
        database.read({ role: 'ingest' }, (tx) => snapshotBody(tx, clusterId, held)),
      )
      if (told === null) return null
      if (told.answer === null) throw refuse('SERVICE_UNAVAILABLE', 'The agent of that cluster is of another release.')
      return { ...told.answer, asOf: new Date(told.atMs) } as unknown as Told<Q['kind']>
    },
    stop: answering.stop,
  }
}

/** For one request, which holds no connection while it waits for a plan. */
export function forRequest(whatIf: WhatIf, context: Pick<GraphContext, 'refresh'>): Pick<WhatIf, 'ask' | 'clusters'> {
  return {
    clusters: whatIf.clusters,
    async ask(clusterId, question) {
      await context.refresh()
      return whatIf.ask(clusterId, question)
    },
  }
}
