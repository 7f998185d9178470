import type { Tx } from '../../../platform/database/database.ts'
import type { Ids } from '../../../platform/ids.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { Observation } from '../../../platform/link/protocol.ts'
import type { PodChange } from '../domain/events.ts'
import type { JobRecord } from '../domain/job.ts'
import { newPod } from '../domain/newPod.ts'
import { observePod, observePodGone } from '../domain/observePod.ts'
import type { PodRecord } from '../domain/pod.ts'
import { lockPods } from '../store/lockPods.ts'
import { savePods } from '../store/savePods.ts'

type PodRecordSeen = Extract<Observation, { kind: 'pod' | 'podGone' }>

/** What a batch has made of the pods it is about. */
export interface SeenPods {
  /** Jobs of which a pod was bound that had not been before. */
  jobsWithNewlyBound: ReadonlySet<string>
  changes: readonly { seq: number; change: PodChange }[]
}

/** Applies the records about pods, in order: loaded, decided and saved at once. */
export async function seePods(
  tx: Tx,
  ids: Ids,
  origin: BatchOrigin,
  records: readonly Observation[],
  jobsByUid: ReadonlyMap<string, JobRecord>,
): Promise<SeenPods> {
  const about = records.filter((record): record is PodRecordSeen => record.kind === 'pod' || record.kind === 'podGone')
  const jobsWithNewlyBound = new Set<string>()
  const changes: { seq: number; change: PodChange }[] = []
  if (about.length === 0) return { jobsWithNewlyBound, changes }

  const known = await lockPods(
    tx,
    origin.clusterId,
    about.map(({ uid }) => uid),
  )
  const byUid = new Map(known.map((pod) => [pod.uid, pod]))
  const mentioned = new Map<string, PodRecord>()

  for (const record of about) {
    const before = byUid.get(record.uid)
    if (record.kind === 'podGone') {
      if (!before) continue
      note(record, observePodGone(before, record.at))
      continue
    }
    if (before && before.seenEpoch === origin.epoch && record.seq <= before.seenSeq) continue // older than what is known
    const pod = before ?? newPod(record, { id: ids.next('pod'), clusterId: origin.clusterId })
    const owned = {
      ...pod,
      jobId: pod.jobId ?? ownerOf(record, jobsByUid),
      seenEpoch: origin.epoch,
      seenSeq: record.seq,
    }
    note(record, observePod(owned, before === undefined, record, origin.through.toISOString()))
  }
  await savePods(tx, [...mentioned.values()])
  return { jobsWithNewlyBound, changes }

  function note(record: PodRecordSeen, observed: { pod: PodRecord; changes: PodChange[] }): void {
    const { pod } = observed
    byUid.set(pod.uid, pod)
    mentioned.set(pod.uid, pod)
    changes.push(...observed.changes.map((change) => ({ seq: record.seq, change })))
    if (pod.jobId !== null && observed.changes.some(({ type }) => type === 'BOUND')) jobsWithNewlyBound.add(pod.jobId)
  }
}

/** The job whose Job object owns the pod. Owner references can be forged, the namespace's project cannot: both must agree. */
function ownerOf(
  seen: Extract<Observation, { kind: 'pod' }>,
  jobsByUid: ReadonlyMap<string, JobRecord>,
): string | null {
  const job = seen.jobUid === null ? undefined : jobsByUid.get(seen.jobUid)
  return job && job.tenantId === seen.tenantId && job.projectId === seen.projectId ? job.id : null
}
