import { buildSubgraph, type HostedSubgraph, type SubgraphDeps } from '../../platform/graph/subgraph.ts'
import type { Context } from './context.ts'
import { DEFAULT_PRICES } from './domain/defaultPrices.ts'
import { downloadExport } from './domain/downloadExport.ts'
import { forgetExports } from './exports/forgetExports.ts'
import { startExportWorker } from './exports/worker.ts'
import { followJobs } from './observations/followJobs.ts'
import { observationHandlers } from './observations/handlers.ts'
import { sampleLedger } from './observations/metrics.ts'
import { resolvers } from './resolvers/index.ts'
import { insertPriceList } from './store/priceLists.ts'

/** How long a finished export can be downloaded; its rows can be exported again at any time. */
const EXPORTS_KEPT_MS = 30 * 86_400_000

/** What was used and what it costs: intervals from observations, prices, reports, exports. */
export async function createMeteringSubgraph(deps: SubgraphDeps): Promise<HostedSubgraph> {
  const { database, clock, publicUrl } = deps
  const now = () => new Date(clock.nowMs())
  await database.write({ role: 'ingest' }, (tx) => insertPriceList(tx, DEFAULT_PRICES))
  const worker = startExportWorker(deps)
  const endSampling = sampleLedger(database, clock)
  return buildSubgraph<Context>(deps, {
    name: 'metering',
    schema: new URL('schema.graphql', import.meta.url),
    resolvers,
    context: (base, facts) => Object.assign(base, { facts, publicUrl }),
    observations: observationHandlers(now),
    follows: ['tenants', 'inventory', 'jobs'],
    onFacts: followJobs(now),
    retention: [forgetExports(deps.exportsDir, EXPORTS_KEPT_MS)],
    download: (exportId, identity) => downloadExport(deps, exportId, identity),
    async stop() {
      endSampling()
      await worker.stop()
    },
  })
}
