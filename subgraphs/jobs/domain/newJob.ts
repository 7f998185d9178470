import assert from 'node:assert/strict'
import type { JobDirective, JobObservation } from '../../../platform/link/protocol.ts'
import type { SubmissionFacts } from './decideSubmission.ts'
import { type NewJob, notYetEvaluated } from './job.ts'
import type { JobRequest } from './jobRequest.ts'
import { priorityOf } from './priority.ts'

/** The job that an accepted request becomes. */
export function newJob(
  request: JobRequest,
  { project, queue }: Pick<SubmissionFacts, 'project' | 'queue'>,
  { id, clusterId, createdBy, now }: { id: string; clusterId: string; createdBy: string; now: string },
): NewJob {
  const { image, command, env, labels, replicas, minCount, resources, name, preemptible, maxRuntimeSeconds, topology } =
    request
  return {
    ...UNSEEN,
    id,
    tenantId: project.tenantId,
    projectId: project.id,
    queueId: queue.id,
    queueName: queue.objectName,
    clusterId,
    name,
    namespace: project.namespace,
    objectName: `${name}-${id.slice(-SUFFIX_LENGTH)}`,
    uid: null,
    adopted: false,
    createdBy,
    image,
    command,
    env,
    labels,
    replicas,
    class: request.class,
    priorityClass: request.priorityClass,
    priority: priorityOf(request.class, request.priorityClass),
    preemptible,
    maxRuntimeSeconds,
    topology,
    minCount,
    resources,
    submittedAt: now,
    pending: notYetEvaluated(now),
  }
}

/** The job that a Job created with kubectl becomes; what the observation says of it is applied after that. */
export function adoptedJob(
  seen: JobObservation,
  { id, clusterId, queueId }: { id: string; clusterId: string; queueId: string | null },
): NewJob {
  const { tenantId, projectId, namespace, name, uid } = seen
  const submittedAt = new Date(seen.createdAt).toISOString()
  return {
    ...UNSEEN,
    id,
    tenantId,
    projectId,
    clusterId,
    name,
    namespace,
    objectName: name,
    uid,
    adopted: true,
    createdBy: seen.createdBy,
    ...wantedBy(seen, queueId),
    command: null,
    env: [],
    labels: [],
    topology: null,
    minCount: null,
    submittedAt,
    pending: notYetEvaluated(submittedAt),
  }
}

/** What a job asks for, which its owner may still change while it waits in the cluster. */
export type Wanted = Pick<
  NewJob,
  | 'queueId'
  | 'queueName'
  | 'image'
  | 'replicas'
  | 'class'
  | 'priorityClass'
  | 'priority'
  | 'preemptible'
  | 'maxRuntimeSeconds'
  | 'resources'
>

/** @param queueId of the queue that it names, where the tenant may use it */
export function wantedBy({ spec, queue }: JobObservation, queueId: string | null): Wanted {
  return {
    queueId,
    queueName: queue,
    image: spec.image,
    replicas: spec.replicas,
    class: spec.class,
    priorityClass: spec.priorityClass,
    priority: priorityOf(spec.class, spec.priorityClass),
    preemptible: spec.preemptible,
    maxRuntimeSeconds: spec.maxRuntimeSeconds,
    resources: spec.resources,
  }
}

/** What the agent is to apply; not for a job that came by kubectl. */
export function directiveOf(job: NewJob): JobDirective {
  assert(job.queueName !== null)
  return {
    jobId: job.id,
    createdBy: job.createdBy,
    tenantId: job.tenantId,
    projectId: job.projectId,
    namespace: job.namespace,
    objectName: job.objectName,
    queue: job.queueName,
    image: job.image,
    command: job.command,
    env: job.env,
    replicas: job.replicas,
    class: job.class,
    priorityClass: job.priorityClass,
    preemptible: job.preemptible,
    maxRuntimeSeconds: job.maxRuntimeSeconds,
    labels: job.labels,
    resources: job.resources,
    ...(job.topology && { topology: job.topology }),
    ...(job.minCount !== null && { minCount: job.minCount }),
  }
}

/** The random end of an id, 60 bits: with it an object's name is unique in its namespace for ever. */
const SUFFIX_LENGTH = 12

const UNSEEN = {
  phase: 'PENDING',
  admittedAt: null,
  startedAt: null,
  finishedAt: null,
  failure: null,
  evictedAt: null,
  goneAt: null,
  seenEpoch: 0,
  seenSeq: 0,
} as const
