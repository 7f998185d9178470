import { createEventHub } from '../../platform/events/hub.ts'
import { buildSubgraph, type HostedSubgraph, type SubgraphDeps } from '../../platform/graph/subgraph.ts'
import type { Context } from './context.ts'
import { ensureDefaultQueue } from './domain/ensureDefaultQueue.ts'
import { greetCluster } from './domain/greetCluster.ts'
import { observationHandlers } from './domain/observe.ts'
import { resolvers } from './resolvers/index.ts'

/** What there is to share: clusters, node pools, devices, and the queue tree that shares them out. */
export async function createInventorySubgraph(deps: SubgraphDeps): Promise<HostedSubgraph> {
  const { database, wakeups, wall, log } = deps
  await ensureDefaultQueue(deps)
  const events = createEventHub({ database, wakeups, log })
  return buildSubgraph<Context>(deps, {
    name: 'inventory',
    schema: new URL('schema.graphql', import.meta.url),
    resolvers,
    context: (base, facts) => Object.assign(base, { events, facts, wall }),
    observations: observationHandlers(deps),
    follows: ['tenants'],
    hello: (hello) => greetCluster(deps, hello),
    stop: () => events.close(),
  })
}
