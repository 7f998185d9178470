import type { Facts } from '../../../platform/facts/kinds.ts'
import { isFinal, type JobRecord } from './job.ts'

/**
 * What other subgraphs know of a job.
 * @param boundPods how many of its pods have been seen bound
 */
export function jobFact(job: JobRecord, boundPods: number): Facts['job'] {
  return {
    id: job.id,
    tenantId: job.tenantId,
    projectId: job.projectId,
    name: job.name,
    clusterId: job.clusterId,
    uid: job.uid,
    final: isSettled(job),
    boundPods,
    finishedAt: job.finishedAt,
  }
}

/**
 * Whether no further pod of it will be bound. A job that is cancelled through the API is final at once, but
 * until its object is seen to be gone the scheduler may still be binding.
 */
export function isSettled(job: JobRecord): boolean {
  if (!isFinal(job.phase)) return false
  return job.phase !== 'CANCELLED' || job.uid === null || job.goneAt !== null
}
