import type { Tx } from '../../../platform/database/database.ts'
import type { BatchOrigin, ObservationHandlers } from '../../../platform/link/observations.ts'
import { type TracesByJob, tracesByJob } from '../../../platform/link/traces.ts'
import { meterBatch } from '../domain/meterBatch.ts'
import { type Sighting, sightingOf } from '../domain/sighting.ts'
import { attributePods } from '../store/attributePods.ts'
import { jobsOfPods } from '../store/jobsOfPods.ts'
import { loadIntervals } from '../store/loadIntervals.ts'
import { lockCluster } from '../store/lockCluster.ts'
import { loadPriceLists } from '../store/priceLists.ts'
import { saveIntervals } from '../store/saveIntervals.ts'
import { savePods } from '../store/savePods.ts'
import { unmentionedPods } from '../store/unmentionedPods.ts'
import { concludeJobs } from './concludeJobs.ts'
import { countMetered } from './metrics.ts'

/**
 * What agents report of pods becomes intervals and charges, in the batch's transaction and a handful of
 * statements per batch.
 * @param now domain time
 */
export function observationHandlers(now: () => Date): ObservationHandlers {
  return {
    async applyAll(tx, origin, records) {
      const sightings = records.map(sightingOf).filter((sighting) => sighting !== null)
      if (sightings.length === 0) return
      await lockCluster(tx, origin.clusterId)
      await meter(tx, origin, sightings, now(), tracesByJob(records))
    },

    async resyncEnd(tx, origin) {
      await lockCluster(tx, origin.clusterId)
      const uids = await unmentionedPods(tx, origin.clusterId, origin.epoch)
      const atSeconds = Math.floor(origin.through.getTime() / 1000)
      const sightings = uids.map((uid) => ({ type: 'ended' as const, uid, atSeconds, ending: 'RESYNC' as const }))
      if (sightings.length > 0) await meter(tx, origin, sightings, now())
    },
  }
}

async function meter(
  tx: Tx,
  origin: BatchOrigin,
  sightings: readonly Sighting[],
  at: Date,
  traces: TracesByJob = new Map(),
): Promise<void> {
  const { clusterId, epoch } = origin
  const [known, prices] = await Promise.all([loadIntervals(tx, clusterId, sightings), loadPriceLists(tx)])
  const { pods, changed } = meterBatch(known, sightings, prices)
  await savePods(tx, clusterId, epoch, pods)
  await saveIntervals(tx, clusterId, changed)
  tx.afterCommit(() => countMetered(sightings, { changed }))
  const seenBefore = new Set(known.map(({ podUid }) => podUid))
  const attributed = await attributePods(
    tx,
    clusterId,
    pods.map(({ uid }) => uid).filter((uid) => !seenBefore.has(uid)),
  )
  const closed = changed.filter(({ state }) => state === 'CLOSED').map(({ podUid }) => podUid)
  const ended = await jobsOfPods(tx, clusterId, [...new Set(closed)])
  await concludeJobs(tx, [...new Set([...attributed, ...ended])], at, traces)
}
