import { sql } from 'drizzle-orm'
import { sqlState } from '../database/connection.ts'
import { type Database, instantOrNull, type Tx } from '../database/database.ts'
import { storableJson } from '../json.ts'
import type { Log } from '../log.ts'
import { count, record, secondsSince } from '../telemetry/metrics.ts'
import type { BatchAnswer, Observation, ObservationBatch, ObservationProgress } from './protocol.ts'
import { tellProcessed } from './traces.ts'

export interface BatchOrigin {
  clusterId: string
  epoch: number
  /** Domain time up to which the cluster had been observed when the batch was made. */
  through: Date
}

export interface ObservationHandlers {
  /** All records of a batch at once. A throw has the batch done again record by record, and what throws then is put in quarantine. */
  applyAll(tx: Tx, origin: BatchOrigin, records: readonly Observation[]): Promise<void>
  /** Everything of this cluster that was not mentioned since the epoch began is gone. */
  resyncEnd(tx: Tx, origin: BatchOrigin): Promise<void>
}

/** A clock that says when something was put in quarantine. */
interface Options {
  now: () => Date
  log: Log
}

const NONE: ObservationProgress = { epoch: 0, number: 0 }

/**
 * Applies a batch exactly once: its number, its records and what follows from them commit together.
 * A batch of an older epoch comes from an agent that has been replaced and changes nothing.
 */
export async function applyBatch(
  database: Database,
  batch: ObservationBatch,
  handlers: ObservationHandlers,
  options: Options,
): Promise<BatchAnswer> {
  const startMs = performance.now()
  const startedMs = Date.now()
  const answer = await applyOnce(database, batch, handlers, options)
  const { subgraph } = database
  record('sluice_link_batch_apply_duration_seconds', { subgraph }, secondsSince(startMs))
  count('sluice_link_batches_total', { subgraph, outcome: OUTCOMES[answer.outcome] })
  if (answer.outcome === 'applied') {
    count('sluice_link_records_quarantined_total', { subgraph }, answer.quarantined)
    tellProcessed(subgraph, batch.records, startedMs)
  }
  return answer
}

const OUTCOMES = { applied: 'applied', gap: 'gap', staleEpoch: 'stale_epoch' } as const

async function applyOnce(
  database: Database,
  batch: ObservationBatch,
  handlers: ObservationHandlers,
  options: Options,
): Promise<BatchAnswer> {
  try {
    return await database.write({ role: 'ingest' }, async (tx) => {
      const refusal = await claim(tx, batch)
      if (refusal) return refusal
      await applyRecords(tx, batch, handlers)
      return { outcome: 'applied', quarantined: 0 } as const
    })
  } catch (error) {
    options.log.warn(
      { err: error, subgraph: database.subgraph, batch: batch.number },
      'a batch failed; applying it record by record',
    )
    return applyOneByOne(database, batch, handlers, options)
  }
}

async function applyOneByOne(
  database: Database,
  batch: ObservationBatch,
  handlers: ObservationHandlers,
  { now, log }: Options,
): Promise<BatchAnswer> {
  return database.write({ role: 'ingest' }, async (tx) => {
    const refusal = await claim(tx, batch)
    if (refusal) return refusal
    let quarantined = 0
    for (const record of batch.records) {
      try {
        await tx.attempt((attempt) => applyRecords(attempt, { ...batch, records: [record] }, handlers))
      } catch (error) {
        if (!isAboutTheRecord(error)) throw error
        quarantined += 1
        log.error({ err: error, subgraph: database.subgraph, seq: Number(record.seq) }, 'observation put in quarantine')
        await tx.execute(sql`
          insert into quarantine (cluster_id, epoch, number, record, error, at)
          values (${batch.clusterId}, ${batch.epoch}, ${batch.number}, ${storableJson(record)}::jsonb, ${String(error).replaceAll('\0', '\ufffd')}, ${now().toISOString()})`)
      }
    }
    return { outcome: 'applied', quarantined } as const
  })
}

/** Trouble of the database itself (connection, disk, resources, shutdown) is no fault of a record: the batch is sent again. */
function isAboutTheRecord(error: unknown): boolean {
  const code = sqlState(error)
  return code === null || !/^(08|53|57|58|40)/.test(code)
}

async function applyRecords(tx: Tx, batch: ObservationBatch, handlers: ObservationHandlers): Promise<void> {
  const origin = { clusterId: batch.clusterId, epoch: batch.epoch, through: new Date(batch.through) }
  const end = batch.records.findIndex((record) => record.kind === 'resyncEnd')
  const before = end < 0 ? batch.records : batch.records.slice(0, end)
  const after = end < 0 ? [] : batch.records.slice(end + 1)
  if (before.length > 0) await handlers.applyAll(tx, origin, before)
  if (end >= 0) await handlers.resyncEnd(tx, origin)
  if (after.length > 0) await applyRecords(tx, { ...batch, records: after }, handlers)
}

/** Takes the cluster's row until commit. @returns why not, or null where the batch is ours to apply */
async function claim(tx: Tx, { clusterId, epoch, number, through }: ObservationBatch): Promise<BatchAnswer | null> {
  await tx.execute(sql`
    insert into observation_progress (cluster_id, epoch, number, through) values (${clusterId}, 0, 0, ${through})
    on conflict (cluster_id) do nothing`)
  const [known = NONE] = await tx.execute<{ epoch: number; number: number }>(sql`
    select epoch, number from observation_progress where cluster_id = ${clusterId} for update`)
  const expected = { epoch: known.epoch, number: known.number }
  if (epoch < known.epoch) return { outcome: 'staleEpoch', expected }
  if (epoch === known.epoch && number <= known.number) return { outcome: 'applied', quarantined: 0 }
  const next = epoch === known.epoch ? known.number + 1 : 1
  if (number !== next) return { outcome: 'gap', expected: { epoch, number: next - 1 } }
  await tx.execute(sql`
    update observation_progress set epoch = ${epoch}, number = ${number}, through = greatest(through, ${through})
     where cluster_id = ${clusterId}`)
  return null
}

/** The time up to which every cluster has been observed; null before the first observation. */
export async function observedThrough(tx: Tx): Promise<Date | null> {
  const [row] = await tx.execute<{ through: string | null }>(
    sql`select min(through) as through from observation_progress where epoch > 0`,
  )
  return instantOrNull(row?.through)
}
