import { appendEvents } from '../../platform/events/events.ts'
import { createEventHub } from '../../platform/events/hub.ts'
import { buildSubgraph, type HostedSubgraph, type SubgraphDeps } from '../../platform/graph/subgraph.ts'
import { withdrawnDirectives } from '../../platform/retention/tasks.ts'
import { tellSpan } from '../../platform/telemetry/spans.ts'
import type { Context } from './context.ts'
import { jobEvent } from './domain/events.ts'
import { observationHandlers } from './observations/handlers.ts'
import { resolvers } from './resolvers/index.ts'
import { findJobs } from './store/findJobs.ts'
import { markMetered } from './store/markMetered.ts'

/** An agent that is away for longer finds no directive, and the null again as soon as it has told of the object. */
const WITHDRAWN_KEPT_MS = 86_400_000

/** What runs: submissions, their way through the cluster, and the stream of what happens to them. */
export async function createJobsSubgraph(deps: SubgraphDeps): Promise<HostedSubgraph> {
  const { database, wakeups, log, ids } = deps
  const events = createEventHub({ database, wakeups, log })
  return buildSubgraph<Context>(deps, {
    name: 'jobs',
    schema: new URL('schema.graphql', import.meta.url),
    resolvers,
    context: (base, facts) => Object.assign(base, { facts, events }),
    observations: observationHandlers(ids),
    follows: ['tenants', 'inventory', 'metering'],
    async onFact(tx, kind, fact) {
      if (kind !== 'metered' || !('cost' in fact)) return
      // Metering may say it again; it is told once.
      if (!(await markMetered(tx, fact.id, fact.at))) return
      const [job] = await findJobs(tx, [fact.id])
      tellSpan('append METERED', { scope: 'jobs', kind: 'CONSUMER', parent: fact.traceparent })
      if (job) await appendEvents(tx, [jobEvent({ type: 'METERED', at: fact.at, job, reason: null, message: null })])
    },
    retention: [withdrawnDirectives('Job', WITHDRAWN_KEPT_MS)],
    stop: () => events.close(),
  })
}
