import { type Cluster, ClusterError, type Ref } from '../../kubernetes/cluster.ts'
import { renderJob } from '../../kubernetes/render/renderJob.ts'
import { renderNamespace } from '../../kubernetes/render/renderNamespace.ts'
import { renderQueue } from '../../kubernetes/render/renderQueue.ts'
import type { Directive, JobDirective } from '../../platform/link/protocol.ts'

/** Job id → the Job object the agent made for it. Filled from the cluster at the start, then by what is applied. */
export type JobRefs = Map<string, Ref>

/** Brings one object to its wanted state. Harmless to do again; rejects with a ClusterError. */
export async function applyDirective(cluster: Cluster, directive: Directive, jobRefs: JobRefs): Promise<void> {
  switch (directive.kind) {
    case 'Namespace':
      // A namespace is never deleted by a directive: what runs in it would go with it.
      if (directive.body) await cluster.apply('Namespace', renderNamespace(directive.body))
      return
    case 'Queue':
      if (directive.body) await cluster.apply('Queue', renderQueue(directive.body))
      else await absent(cluster.delete('Queue', { name: directive.key }))
      return
    case 'Job':
      if (directive.body) await applyJob(cluster, directive.body, jobRefs)
      else await deleteJob(cluster, directive.key, jobRefs)
      return
    default:
      directive satisfies never
  }
}

async function applyJob(cluster: Cluster, body: JobDirective, jobRefs: JobRefs): Promise<void> {
  // Known before it exists: a deletion that follows at once must find it.
  jobRefs.set(body.jobId, { namespace: body.namespace, name: body.objectName })
  await cluster.apply('Job', renderJob(body))
}

async function deleteJob(cluster: Cluster, jobId: string, jobRefs: JobRefs): Promise<void> {
  const ref = jobRefs.get(jobId)
  if (!ref) return
  await absent(cluster.delete('Job', ref, { propagationPolicy: 'Background' }))
  jobRefs.delete(jobId)
}

async function absent(deletion: Promise<void>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if (!(error instanceof ClusterError && error.code === 'NOT_FOUND')) throw error
  }
}
