import type { SubgraphName } from '../link/protocol.ts'
import { record, sampled, secondsSince } from '../telemetry/metrics.ts'

/** Follows the transactions of one pool. */
export interface TransactionMetrics {
  /** A transaction is asked for. */
  ask(mode: 'read' | 'write'): OpenTransactionMetrics
  stop(): void
}
interface OpenTransactionMetrics {
  /** A connection has begun it. */
  begun(): void
  ended(outcome: 'committed' | 'failed'): void
}

export function transactionMetrics(subgraph: SubgraphName): TransactionMetrics {
  let inUse = 0
  const stop = sampled('sluice_database_transactions_open', (sample) => sample(inUse, { subgraph }))
  return {
    stop,
    ask(mode) {
      const askedMs = performance.now()
      let begunMs: number | null = null
      inUse += 1
      return {
        begun() {
          begunMs = performance.now()
          record('sluice_database_connection_wait_seconds', { subgraph }, (begunMs - askedMs) / 1_000)
        },
        ended(outcome) {
          inUse -= 1
          // One that no connection began has waited, and nothing else.
          if (begunMs === null) record('sluice_database_connection_wait_seconds', { subgraph }, secondsSince(askedMs))
          else
            record('sluice_database_transaction_duration_seconds', { subgraph, mode, outcome }, secondsSince(begunMs))
        },
      }
    },
  }
}
