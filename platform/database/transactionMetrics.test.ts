import { afterEach, assert, beforeEach, test } from 'vitest'
import { seriesIn } from '../../test/testkit/exposition.ts'
import { type Exposition, startExposition } from '../telemetry/exposition.ts'
import { type TransactionMetrics, transactionMetrics } from './transactionMetrics.ts'

let exposition: Exposition
let metrics: TransactionMetrics
beforeEach(async () => {
  exposition = await startExposition()
  metrics = transactionMetrics('jobs')
})
afterEach(async () => {
  metrics.stop()
  await exposition.stop()
})

async function told(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const series = seriesIn(await exposition.text())
  const wanted = Object.entries({ subgraph: 'jobs', ...labels })
  return series.find((each) => each.name === name && wanted.every(([label, value]) => each.labels[label] === value))
    ?.value
}

test('a transaction is open from when it is asked for until it has ended', async () => {
  const transaction = metrics.ask('write')
  assert.equal(await told('sluice_database_transactions_open'), 1)
  transaction.begun()
  transaction.ended('committed')
  assert.equal(await told('sluice_database_transactions_open'), 0)
  const count = 'sluice_database_transaction_duration_seconds_count'
  assert.equal(await told(count, { mode: 'write', outcome: 'committed' }), 1)
})

test('one that no connection has begun has waited, and nothing else', async () => {
  metrics.ask('read').ended('failed')
  assert.equal(await told('sluice_database_connection_wait_seconds_count'), 1)
  assert.isUndefined(await told('sluice_database_transaction_duration_seconds_count'))
})
