import { isDeepStrictEqual } from 'node:util'
import type { Tx } from '../../../platform/database/database.ts'
import type { Ids } from '../../../platform/ids.ts'
import type { BatchOrigin } from '../../../platform/link/observations.ts'
import type { Observation } from '../../../platform/link/protocol.ts'
import type { JobChange } from '../domain/events.ts'
import { isClaimValid } from '../domain/isClaimValid.ts'
import { isFinal, type JobRecord, type NewJob } from '../domain/job.ts'
import { adoptedJob, wantedBy } from '../domain/newJob.ts'
import { observeJob, observeJobGone, observeRefusal } from '../domain/observeJob.ts'
import { insertJobs } from '../store/insertJobs.ts'
import { linkPods } from '../store/linkPods.ts'
import { lockJobs } from '../store/lockJobs.ts'
import { type KnownQueue, queuesByObjectName } from '../store/queuesByObjectName.ts'
import { saveJobs } from '../store/saveJobs.ts'
import { saveWanted } from '../store/saveWanted.ts'

type JobRecordSeen = Extract<Observation, { kind: 'job' | 'jobGone' | 'jobRefused' }>
type JobSeen = Extract<Observation, { kind: 'job' }>

const JOB_KINDS: ReadonlySet<Observation['kind']> = new Set(['job', 'jobGone', 'jobRefused'])

/** What a batch has made of the jobs it is about. */
export interface SeenJobs {
  /** Jobs by the uid of their Job object, also of those that only pods refer to. */
  byUid: ReadonlyMap<string, JobRecord>
  /** The state before the batch, of jobs that were known. */
  before: ReadonlyMap<string, JobRecord>
  /** Jobs that a record was about, as they are now. */
  mentioned: readonly JobRecord[]
  changes: readonly { seq: number; change: JobChange }[]
}

/** Applies the records about jobs, in order, to the jobs they are about: loaded, decided and saved at once. */
export async function seeJobs(
  tx: Tx,
  ids: Ids,
  origin: BatchOrigin,
  records: readonly Observation[],
): Promise<SeenJobs> {
  const about = records.filter((record): record is JobRecordSeen => JOB_KINDS.has(record.kind))
  const known = await lockJobs(tx, origin.clusterId, {
    uids: [
      ...about.flatMap((record) => (record.kind === 'jobRefused' ? [] : [record.uid])),
      ...records.flatMap((record) => (record.kind === 'pod' && record.jobUid ? [record.jobUid] : [])),
    ],
    ids: about.flatMap((record) => (record.kind !== 'jobGone' && record.jobId ? [record.jobId] : [])),
  })
  const byId = new Map(known.map((job) => [job.id, job]))
  const byUid = new Map(known.flatMap((job) => (job.uid === null ? [] : [[job.uid, job] as const])))
  const queues = await queuesNamed(tx, about, byId, byUid)

  const adopted: NewJob[] = []
  const identified: string[] = []
  const rewritten = new Map<string, JobRecord>()
  const mentioned = new Map<string, JobRecord>()
  const changes: { seq: number; change: JobChange }[] = []
  const put = (job: JobRecord) => {
    byId.set(job.id, job)
    if (job.uid !== null) byUid.set(job.uid, job)
    mentioned.set(job.id, job)
  }

  for (const record of about) {
    if (record.kind === 'jobRefused') {
      const job = byId.get(record.jobId)
      if (!job) continue
      const observed = observeRefusal(job, record)
      put(observed.job)
      changes.push(...observed.changes.map((change) => ({ seq: record.seq, change })))
      continue
    }
    if (record.kind === 'jobGone') {
      const job = byUid.get(record.uid)
      if (!job) continue
      const observed = observeJobGone(job, record.at)
      put(observed.job)
      changes.push(...observed.changes.map((change) => ({ seq: record.seq, change })))
      continue
    }
    let job = byUid.get(record.uid)
    if (!job) {
      const claimed = record.jobId === null ? undefined : byId.get(record.jobId)
      if (claimed && isClaimValid(claimed, record)) {
        job = { ...claimed, uid: record.uid }
      } else {
        const fresh = adopt(record, ids, origin, queues)
        adopted.push(fresh)
        changes.push({ seq: record.seq, change: submitted(fresh) })
        job = fresh
      }
      identified.push(job.id)
    }
    if (job.seenEpoch === origin.epoch && record.seq <= job.seenSeq) continue // older than what is known
    if (job.adopted && !isFinal(job.phase)) {
      const wanted = wantedBy(record, queueIdFor(record, job, queues))
      if (!isDeepStrictEqual({ ...job, ...wanted }, job)) {
        job = { ...job, ...wanted }
        rewritten.set(job.id, job)
      }
    }
    const observed = observeJob(job, record, origin.through.toISOString())
    put({ ...observed.job, seenEpoch: origin.epoch, seenSeq: record.seq })
    changes.push(...observed.changes.map((change) => ({ seq: record.seq, change })))
  }

  await insertJobs(tx, adopted)
  await saveWanted(tx, [...rewritten.values()])
  await saveJobs(tx, [...mentioned.values()])
  await linkPods(tx, origin.clusterId, identified)
  return { byUid, before: new Map(known.map((job) => [job.id, job])), mentioned: [...mentioned.values()], changes }
}

/** The queues that Jobs which came by kubectl name, where it is not known which they are; no statement where there are none. */
function queuesNamed(
  tx: Tx,
  about: readonly JobRecordSeen[],
  byId: ReadonlyMap<string, JobRecord>,
  byUid: ReadonlyMap<string, JobRecord>,
): Promise<Map<string, KnownQueue>> {
  const unsettled = about.filter((record): record is JobSeen => {
    if (record.kind !== 'job') return false
    const known = byUid.get(record.uid)
    if (known) return known.adopted && !(known.queueId !== null && known.queueName === record.queue)
    const claimed = record.jobId === null ? undefined : byId.get(record.jobId)
    return !(claimed && isClaimValid(claimed, record))
  })
  return queuesByObjectName(tx, [...new Set(unsettled.flatMap(({ queue }) => (queue === null ? [] : [queue])))])
}

function adopt(seen: JobSeen, ids: Ids, { clusterId }: BatchOrigin, queues: ReadonlyMap<string, KnownQueue>): NewJob {
  return adoptedJob(seen, { id: ids.next('job'), clusterId, queueId: queueIdFor(seen, null, queues) })
}

function queueIdFor(seen: JobSeen, known: JobRecord | null, queues: ReadonlyMap<string, KnownQueue>): string | null {
  if (known !== null && known.queueId !== null && known.queueName === seen.queue) return known.queueId
  const queue = seen.queue === null ? undefined : queues.get(seen.queue)
  // A Job may name any queue; one of another tenant is not shown as its own.
  const isTheirs = queue && (queue.tenantId === null || queue.tenantId === seen.tenantId)
  return isTheirs ? queue.id : null
}

function submitted(job: JobRecord): JobChange {
  return {
    type: 'SUBMITTED',
    at: job.submittedAt,
    job,
    reason: 'Adopted',
    message: `The Job was created in the cluster${job.createdBy ? ` by ${job.createdBy}` : ''}.`,
  }
}
