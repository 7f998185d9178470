import { pino } from 'pino'
import type { WallClock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import { CursorError } from '../../platform/events/cursor.ts'
import type { GraphContext } from '../../platform/graph/context.ts'
import { notFound } from '../../platform/graph/errors.ts'
import { buildSubgraph, type Subgraph, type SubgraphDeps } from '../../platform/graph/subgraph.ts'
import type { Tokens } from '../../platform/identity/identity.ts'
import { createWakeups } from '../../platform/wakeups.ts'
import { type EntityExists, entityExists } from '../graph/entities.ts'
import { createEventSource, type EventSource } from './eventSource.ts'

export interface TestJob {
  id: string
  name: string
  tenantId: string
}
export interface TestEvent {
  cursor: string
  jobId: string
}

/** Three small subgraphs: jobs, metering which adds a cost to each job, and tenants which finds any object by id. */
export interface TestSubgraphs {
  list: readonly Subgraph[]
  jobs: Map<string, TestJob>
  events: EventSource<TestEvent>
  /** Number of fetches that metering answered. */
  meteringFetches(): number
  /** While true, whoever calls metering gets nothing but an exception. */
  setMeteringAway(away: boolean): void
}

/** Knows everything but the price of a job with this name: asking for it is a bug. */
export const UNPRICEABLE = 'unpriceable'

export function createTestSubgraphs(subgraphTokens: Tokens, wall: WallClock): TestSubgraphs {
  const jobs = new Map<string, TestJob>()
  const events = createEventSource<TestEvent>()
  const list: Subgraph[] = []
  const deps = testDeps(subgraphTokens, wall)
  let away = false
  let fetches = 0

  const metering = buildSubgraph(deps('metering'), {
    name: 'metering',
    schema: new URL('metering.graphql', import.meta.url),
    context: (base) => base,
    follows: [],
    resolvers: {
      Job: {
        __resolveReference: async ({ id }: { id: string }) => {
          fetches += 1
          if (jobs.get(id)?.name === UNPRICEABLE) throw new Error('division by zero in ledger.ts:12')
          return { id, cost: '0.25' }
        },
      },
    },
  })
  list.push(jobsSubgraph(deps('jobs'), jobs, events), tenantsSubgraph(deps('tenants'), entityExists(list)))
  list.push({
    ...metering,
    execute: (request) => (away ? Promise.reject(new Error('connect ECONNREFUSED')) : metering.execute(request)),
  })
  return {
    list,
    jobs,
    events,
    meteringFetches: () => fetches,
    setMeteringAway: (value) => {
      away = value
    },
  }
}

function jobsSubgraph(deps: SubgraphDeps, jobs: Map<string, TestJob>, events: EventSource<TestEvent>): Subgraph {
  const mayRead = (job: TestJob | undefined, { identity }: GraphContext): job is TestJob =>
    job !== undefined && (identity.kind !== 'member' || identity.tenantId === job.tenantId)
  const jobOf = (id: string, context: GraphContext) => {
    const job = jobs.get(id)
    if (!mayRead(job, context)) throw notFound('job of this id')
    return job
  }

  return buildSubgraph(deps, {
    name: 'jobs',
    schema: new URL('jobs.graphql', import.meta.url),
    context: (base) => base,
    follows: [],
    resolvers: {
      Query: {
        job: (_: unknown, { id }: { id: string }, context: GraphContext) => jobOf(id, context),
        jobs: (_: unknown, _arguments: unknown, context: GraphContext) =>
          [...jobs.values()].filter((job) => mayRead(job, context)),
        caller: (_: unknown, _arguments: unknown, { identity, requestId }: GraphContext) =>
          `${identity.subject} ${requestId}`,
        broken: () => {
          throw new Error('password=hunter2 at /srv/jobs.ts')
        },
      },
      Mutation: {
        submitJob: (_: unknown, { name }: { name: string }, { identity }: GraphContext) => {
          const tenantId = identity.kind === 'member' ? identity.tenantId : 'platform'
          const job = { id: `job_${jobs.size + 1}`, name, tenantId }
          jobs.set(job.id, job)
          return { job, userErrors: [] }
        },
      },
      Subscription: {
        jobEvents: {
          subscribe: (_: unknown, { after }: { after?: string }) => {
            if (after === 'long-gone') throw new CursorError('CURSOR_EXPIRED', 'That history is gone.')
            return events.listen()
          },
          resolve: (event: TestEvent) => event,
        },
      },
      JobEvent: { job: ({ jobId }: TestEvent, _: unknown, context: GraphContext) => jobOf(jobId, context) },
      Job: { __resolveReference: async ({ id }: { id: string }, context: GraphContext) => jobOf(id, context) },
    },
  })
}

function tenantsSubgraph(deps: SubgraphDeps, exists: EntityExists): Subgraph {
  return buildSubgraph(deps, {
    name: 'tenants',
    schema: new URL('tenants.graphql', import.meta.url),
    context: (base) => base,
    follows: [],
    resolvers: {
      Query: {
        node: async (_: unknown, { id }: { id: string }, { identityToken, requestId }: GraphContext) => {
          if (!(await exists('Job', id, identityToken, requestId))) throw notFound('object of this id')
          return { __typename: 'Job', id }
        },
      },
    },
  })
}

function testDeps(subgraphTokens: Tokens, wall: WallClock): (name: Database['subgraph']) => SubgraphDeps {
  const noTransaction = () => Promise.reject(new Error('these subgraphs have no database'))
  return (name) => ({
    database: {
      subgraph: name,
      read: noTransaction,
      write: noTransaction,
      reader: () => ({ tx: noTransaction, close: async () => {} }),
      close: async () => {},
    },
    wakeups: createWakeups(),
    clock: wall,
    wall,
    ids: { next: (prefix) => `${prefix}_1` },
    log: pino({ enabled: false }),
    subgraphTokens,
    exportsDir: '/nowhere',
    publicUrl: () => 'http://gateway',
  })
}
