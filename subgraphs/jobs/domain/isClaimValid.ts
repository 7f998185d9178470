import type { JobObservation } from '../../../platform/link/protocol.ts'
import type { JobRecord } from './job.ts'

/**
 * Whether a Job object that claims to be `job` is it. The claim is a label that tenants can write, so
 * it counts only for the very object that the job's directive describes, in the project that the
 * namespace proves, and only while no other object has been it.
 */
export function isClaimValid(job: JobRecord, seen: JobObservation): boolean {
  return (
    job.id === seen.jobId &&
    job.tenantId === seen.tenantId &&
    job.projectId === seen.projectId &&
    job.namespace === seen.namespace &&
    job.objectName === seen.name &&
    (job.uid === null || job.uid === seen.uid)
  )
}
