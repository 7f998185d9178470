import { type Cluster, ClusterError, gone } from '../../kubernetes/cluster.ts'
import { renderJob } from '../../kubernetes/render/renderJob.ts'
import { renderNamespace } from '../../kubernetes/render/renderNamespace.ts'
import { renderPolicy } from '../../kubernetes/render/renderPolicy.ts'
import { renderQueue } from '../../kubernetes/render/renderQueue.ts'
import type { Directive, JobDirective, JobRemovalDirective } from '../../platform/link/protocol.ts'
import type { JobObjects } from './jobObjects.ts'

/** Brings one object to its wanted state. Harmless to do again; rejects with a ClusterError. */
export async function applyDirective(cluster: Cluster, directive: Directive, jobs: JobObjects): Promise<void> {
  switch (directive.kind) {
    case 'Namespace':
      // A namespace is never deleted by a directive: what runs in it would go with it.
      if (directive.body) await cluster.apply('Namespace', renderNamespace(directive.body))
      return
    case 'Queue':
      if (directive.body) await cluster.apply('Queue', renderQueue(directive.body))
      else await absent(cluster.delete('Queue', { name: directive.key }))
      return
    case 'SchedulingPolicy':
      if (directive.body) await cluster.apply('SchedulingPolicy', renderPolicy(directive.body))
      return
    case 'Job':
      if (directive.body) await applyJob(cluster, directive.body, jobs)
      else await deleteJob(cluster, directive.key, jobs)
      return
    case 'JobRemoval':
      if (directive.body) await removeJob(cluster, directive.body)
      return
    default:
      directive satisfies never
  }
}

async function applyJob(cluster: Cluster, body: JobDirective, jobs: JobObjects): Promise<void> {
  const ref = { namespace: body.namespace, name: body.objectName }
  jobs.applied(body.jobId, ref)
  // Once an elastic Job is there, how many pods it has is the scheduler's; nothing else of a directive ever changes.
  if (body.minCount !== undefined && (await cluster.get('Job', ref).catch(gone)) !== null) return
  await cluster.apply('Job', renderJob(body))
}

async function deleteJob(cluster: Cluster, jobId: string, jobs: JobObjects): Promise<void> {
  for (const ref of jobs.of(jobId)) {
    // With its pods: deleted without a policy a Job leaves them behind.
    await absent(cluster.delete('Job', ref, { propagationPolicy: 'Background' }))
  }
  jobs.deleted(jobId)
}

/** That very Job alone: another one by its name is somebody's new Job. */
async function removeJob(cluster: Cluster, { namespace, name, uid }: JobRemovalDirective): Promise<void> {
  try {
    await absent(cluster.delete('Job', { namespace, name }, { uid, propagationPolicy: 'Background' }))
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'CONFLICT')) throw error
  }
}

async function absent(deletion: Promise<void>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'NOT_FOUND')) throw error
  }
}
