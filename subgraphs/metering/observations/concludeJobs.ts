import type { Tx } from '../../../platform/database/database.ts'
import { publishFacts } from '../../../platform/facts/facts.ts'
import type { TracesByJob } from '../../../platform/link/traces.ts'
import { tellSpan } from '../../../platform/telemetry/spans.ts'
import { DEFAULT_PRICES } from '../domain/defaultPrices.ts'
import { saveOutcomes } from '../store/saveOutcomes.ts'

/** Tells the others of jobs whose every interval is metered, once per outcome. Call lockCluster first. */
export async function concludeJobs(tx: Tx, jobIds: readonly string[], at: Date, traces: TracesByJob): Promise<void> {
  // A job that never held anything costs nothing in whichever currency.
  const outcomes = await saveOutcomes(tx, jobIds, { at, currency: DEFAULT_PRICES.currency })
  await publishFacts(
    tx,
    'metered',
    outcomes.map((outcome) => {
      const traceparent = tellSpan('conclude job', {
        scope: 'metering',
        kind: 'PRODUCER',
        parent: traces.get(outcome.id),
        attributes: { 'sluice.tenant.id': outcome.tenantId },
      })
      return { tenantId: outcome.tenantId, fact: { ...outcome, ...(traceparent && { traceparent }) } }
    }),
  )
}
