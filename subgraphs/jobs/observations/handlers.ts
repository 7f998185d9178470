import type { Tx } from '../../../platform/database/database.ts'
import { appendEvents } from '../../../platform/events/events.ts'
import type { Ids } from '../../../platform/ids.ts'
import type { BatchOrigin, ObservationHandlers } from '../../../platform/link/observations.ts'
import type { Observation } from '../../../platform/link/protocol.ts'
import { tracesByJob } from '../../../platform/link/traces.ts'
import { jobEvent, podEvent } from '../domain/events.ts'
import { podViewOf } from '../domain/pod.ts'
import { firstFailedPods } from '../store/listPods.ts'
import { unmentionedJobs, unmentionedPods } from '../store/unmentioned.ts'
import { concludeJobs } from './concludeJobs.ts'
import { type SeenJobs, seeJobs } from './seeJobs.ts'
import { type SeenPods, seePods } from './seePods.ts'

/**
 * What agents report becomes the projection of jobs and pods, its events, and what follows for other
 * subgraphs and for the cluster: all in the batch's transaction, a handful of statements per batch.
 */
export function observationHandlers(ids: Ids): ObservationHandlers {
  return {
    applyAll: (tx, origin, records) => apply(tx, ids, origin, records),

    async resyncEnd(tx, origin) {
      const at = origin.through.toISOString()
      const jobs = await unmentionedJobs(tx, origin.clusterId, origin.epoch)
      const pods = await unmentionedPods(tx, origin.clusterId, origin.epoch)
      await apply(tx, ids, origin, [
        ...jobs.map((ref) => ({ kind: 'jobGone' as const, seq: 0, at, ...ref })),
        ...pods.map((ref) => ({ kind: 'podGone' as const, seq: 0, at, ...ref })),
      ])
    },
  }
}

async function apply(tx: Tx, ids: Ids, origin: BatchOrigin, records: readonly Observation[]): Promise<void> {
  const jobs = await seeJobs(tx, ids, origin, records)
  // Jobs first: a pod belongs to the job whose Job object owns it, and the batch may be the first to tell its uid.
  const pods = await seePods(tx, ids, origin, records, jobs.byUid)
  await tellChanges(tx, jobs, pods)
  await concludeJobs(tx, origin.clusterId, jobs, pods, tracesByJob(records))
}

/** In the order in which the cluster told them. */
async function tellChanges(tx: Tx, jobs: SeenJobs, pods: SeenPods): Promise<void> {
  const failed = jobs.changes.filter(({ change }) => change.type === 'FAILED').map(({ change }) => change.job.id)
  const culprits = await firstFailedPods(tx, failed)
  const events = [
    ...jobs.changes.map(({ seq, change }) => {
      const culprit = change.type === 'FAILED' ? culprits.get(change.job.id) : undefined
      return { seq, event: jobEvent(change, culprit ? podViewOf(culprit) : null) }
    }),
    ...pods.changes.map(({ seq, change }) => ({ seq, event: podEvent(change) })),
  ]
  await appendEvents(
    tx,
    events.sort((a, b) => a.seq - b.seq).map(({ event }) => event),
  )
}
