import { createEventHub } from '../../platform/events/hub.ts'
import { buildSubgraph, type HostedSubgraph, type SubgraphDeps } from '../../platform/graph/subgraph.ts'
import type { Context } from './context.ts'
import { ensureDefaultQueue } from './domain/ensureDefaultQueue.ts'
import { greetCluster } from './domain/greetCluster.ts'
import { observationHandlers } from './domain/observe.ts'
import { resolvers } from './resolvers/index.ts'
import { forgetSamples } from './store/queueSamples.ts'
import { createWhatIf, forRequest } from './whatIf/whatIf.ts'

/** How long queues' history is kept. */
const SAMPLES_KEPT_MS = 7 * 86_400_000

/** What there is to share: clusters, node pools, devices, and the queue tree that shares them out. */
export async function createInventorySubgraph(deps: SubgraphDeps): Promise<HostedSubgraph> {
  const { database, wakeups, wall, log } = deps
  await ensureDefaultQueue(deps)
  const events = createEventHub({ database, wakeups, log })
  const whatIf = createWhatIf(deps)
  return buildSubgraph<Context>(deps, {
    name: 'inventory',
    schema: new URL('schema.graphql', import.meta.url),
    resolvers,
    context: (base, facts) => Object.assign(base, { events, facts, wall, whatIf: forRequest(whatIf, base) }),
    observations: observationHandlers(deps),
    follows: ['tenants'],
    retention: [forgetSamples(SAMPLES_KEPT_MS)],
    hello: (hello) => greetCluster(deps, hello),
    async stop() {
      await Promise.all([events.close(), whatIf.stop()])
    },
  })
}
