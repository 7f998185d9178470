import { outcomeOf } from '../../platform/graph/outcome.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import { record, secondsSince } from '../../platform/telemetry/metrics.ts'
import { inSpan } from '../../platform/telemetry/spans.ts'
import type { FetchRequest, SubgraphResult } from '../graph/inProcess.ts'

/** Measures one fetch from a subgraph, and tells the trace of it. */
export async function observedFetch(
  { name: subgraph }: Subgraph,
  { operationType }: FetchRequest,
  fetch: () => Promise<SubgraphResult>,
): Promise<SubgraphResult> {
  const startMs = performance.now()
  const type = operationType ?? 'query'
  const attributes = { 'graphql.operation.type': type, 'sluice.subgraph': subgraph }
  const result = await inSpan(type, { scope: 'gateway', kind: 'CLIENT', attributes }, async (span) => {
    const result = await fetch()
    if (outcomeOf(result) === 'failed') span.fail()
    return result
  })
  record('sluice_subgraph_fetch_duration_seconds', { subgraph, outcome: outcomeOf(result) }, secondsSince(startMs))
  return result
}
