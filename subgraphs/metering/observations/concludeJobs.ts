import type { Tx } from '../../../platform/database/database.ts'
import { publishFacts } from '../../../platform/facts/facts.ts'
import { DEFAULT_PRICES } from '../domain/defaultPrices.ts'
import { saveOutcomes } from '../store/saveOutcomes.ts'

/** Tells the others of jobs whose every interval is metered, once per outcome. Call lockCluster first. */
export async function concludeJobs(tx: Tx, jobIds: readonly string[], at: Date): Promise<void> {
  // A job that never held anything costs nothing in whichever currency.
  const outcomes = await saveOutcomes(tx, jobIds, { at, currency: DEFAULT_PRICES.currency })
  await publishFacts(
    tx,
    'metered',
    outcomes.map((fact) => ({ tenantId: fact.tenantId, fact })),
  )
}
