import type { Tx } from '../../../platform/database/database.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { SnapshotObservation } from '../../../platform/link/protocol.ts'
import { confirmFigures, figuresOfQueues, recordFigures } from '../store/queueFigures.ts'
import { NO_NUMBERS, queueNumbers } from '../store/queueNumbers.ts'
import { recordSamples } from '../store/queueSamples.ts'
import { recordSnapshot } from '../store/snapshots.ts'
import { overAllClusters } from './queueUsage.ts'

/** Keeps what a cluster's scheduler plans from, and how its queues stand by that. */
export async function takeSnapshot(tx: Tx, origin: BatchOrigin, snapshot: SnapshotObservation): Promise<void> {
  await recordSnapshot(tx, origin, snapshot)
  if (snapshot.body === null) return confirmFigures(tx, origin, snapshot.at)
  const changed = await recordFigures(tx, origin, snapshot.at, snapshot.queues)
  if (changed.length === 0) return
  const [figures, numbers] = [await figuresOfQueues(tx, changed), await queueNumbers(tx, changed)]
  const samples = changed.flatMap((queueId) => {
    const usage = overAllClusters(figures.get(queueId) ?? [])
    if (usage === null) return []
    const { pending, admitted } = numbers.get(queueId) ?? NO_NUMBERS
    return [{ queueId, pending, admitted, at: snapshot.at, weightedShare: usage.weightedShare, cells: usage.cells }]
  })
  await recordSamples(tx, samples)
}
