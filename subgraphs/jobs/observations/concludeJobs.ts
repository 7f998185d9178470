import type { Tx } from '../../../platform/database/database.ts'
import { publishFacts } from '../../../platform/facts/facts.ts'
import { publishAll, publishMissing } from '../../../platform/feeds/feeds.ts'
import { directivesFeed, dropDirective } from '../../../platform/link/directives.ts'
import type { TracesByJob } from '../../../platform/link/traces.ts'
import { isFinal, type JobRecord } from '../domain/job.ts'
import { isSettled, jobFact } from '../domain/jobFact.ts'
import { countBoundPods } from '../store/countBoundPods.ts'
import { findJobs } from '../store/findJobs.ts'
import type { SeenJobs } from './seeJobs.ts'
import type { SeenPods } from './seePods.ts'

/** What follows from what a batch showed: for the cluster (directives) and for metering (facts). */
export async function concludeJobs(
  tx: Tx,
  clusterId: string,
  jobs: SeenJobs,
  pods: SeenPods,
  traces: TracesByJob,
): Promise<void> {
  await withdrawDirectives(tx, clusterId, jobs)
  await tellMetering(tx, jobs, pods, traces)
}

async function withdrawDirectives(tx: Tx, clusterId: string, { before, mentioned }: SeenJobs): Promise<void> {
  const submitted = mentioned.filter(({ adopted }) => !adopted)
  const wasFinal = ({ id }: JobRecord) => isFinal(before.get(id)?.phase ?? 'PENDING')
  // Ended now: the agent deletes the finished object, or does not create it again where somebody deleted it.
  const ended = submitted.filter((job) => isFinal(job.phase) && !wasFinal(job))
  await publishAll(tx, directivesFeed(clusterId), ended.map(withdrawn))
  // Ended, and still there: its withdrawal may have had its time and been forgotten before the agent heard of it.
  const lingering = submitted.filter((job) => wasFinal(job) && job.goneAt === null)
  await publishMissing(tx, directivesFeed(clusterId), lingering.map(withdrawn))
  // Gone as directed: nothing is left to say of it to an agent that starts anew.
  const gone = mentioned.filter((job) => wasFinal(job) && job.goneAt !== null && before.get(job.id)?.goneAt === null)
  await Promise.all(gone.map(({ id, adopted }) => dropDirective(tx, clusterId, adopted ? 'JobRemoval' : 'Job', id)))
}

function withdrawn({ id, tenantId }: JobRecord) {
  return { kind: 'Job', key: id, tenantId, body: null }
}

/** Metering needs to know a job's uid as soon as there is one, and at the end how many intervals to wait for. */
async function tellMetering(
  tx: Tx,
  { before, mentioned }: SeenJobs,
  { jobsWithNewlyBound }: SeenPods,
  traces: TracesByJob,
): Promise<void> {
  const changed = mentioned.filter((job) => isNews(before.get(job.id), job))
  // A pod whose binding is seen only after its job's end is one interval more to wait for.
  const unmentioned = [...jobsWithNewlyBound].filter((id) => !changed.some((job) => job.id === id))
  const late = unmentioned.length === 0 ? [] : (await findJobs(tx, unmentioned)).filter(isSettled)
  const jobs = [...changed, ...late]
  const bound = await countBoundPods(
    tx,
    jobs.map(({ id }) => id),
  )
  await publishFacts(
    tx,
    'job',
    jobs.map((job) => {
      const traceparent = traces.get(job.id)
      const fact = { ...jobFact(job, bound.get(job.id) ?? 0), ...(traceparent && { traceparent }) }
      return { tenantId: job.tenantId, fact }
    }),
  )
}

/** Steps between the phases of a living job are none. */
function isNews(before: JobRecord | undefined, now: JobRecord): boolean {
  return !before || before.uid !== now.uid || isSettled(before) !== isSettled(now)
}
