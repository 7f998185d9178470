import type { DomainClock } from '../../../platform/clock.ts'
import type { Database } from '../../../platform/database/database.ts'
import { count, sampled } from '../../../platform/telemetry/metrics.ts'
import type { Metered } from '../domain/meterBatch.ts'
import type { Sighting } from '../domain/sighting.ts'
import { ledgerFigures } from '../store/ledgerFigures.ts'

/** Counts what a batch has brought; to be called once it is committed. */
export function countMetered(sightings: readonly Sighting[], { changed }: Pick<Metered, 'changed'>): void {
  const changedPods = new Set(changed.map(({ podUid }) => podUid))
  for (const sighting of sightings) {
    const uid = sighting.type === 'held' ? sighting.pod.uid : sighting.uid
    count('sluice_metering_events_total', { result: changedPods.has(uid) ? 'accepted' : 'duplicate' })
  }
  for (const { state, model, gpuSeconds } of changed) {
    if (state !== 'CLOSED' || model === null || gpuSeconds === null) continue
    count('sluice_metering_gpu_seconds_total', { gpu_model: model }, Number(gpuSeconds))
  }
}

/** Has the ledger's state looked up whenever somebody asks. @returns takes it back */
export function sampleLedger(database: Database, clock: Pick<DomainClock, 'nowMs'>): () => void {
  const figures = () => database.read({ role: 'ingest' }, ledgerFigures)
  const ends = [
    sampled('sluice_metering_open_intervals', async (sample) => {
      for (const { cluster, open } of await figures()) sample(open, { cluster })
    }),
    sampled('sluice_metering_ingest_lag_seconds', async (sample) => {
      for (const { cluster, through } of await figures()) {
        sample(Math.max(0, clock.nowMs() - through.getTime()) / 1_000, { cluster })
      }
    }),
  ]
  return () => {
    for (const end of ends) end()
  }
}
