import type { Facts } from '../../../platform/facts/kinds.ts'
import type { GpuRequest, JobObservation, PodObservation } from '../../../platform/link/protocol.ts'
import type { SubmissionFacts } from '../domain/decideSubmission.ts'
import type { NewJob } from '../domain/job.ts'
import type { JobRequest } from '../domain/jobRequest.ts'
import { newJob } from '../domain/newJob.ts'

/** Ids in the form that the platform makes them: `idOf('job', 7)`. */
export function idOf(prefix: 'tenant' | 'project' | 'queue' | 'cluster' | 'job' | 'pod', number: number): string {
  return `${prefix}_${String(number).padStart(26, '0')}`
}

export const NOW = '2026-03-01T12:00:00.000Z'

export function project(overrides: Partial<Facts['project']> = {}): Facts['project'] {
  return {
    id: idOf('project', 1),
    tenantId: idOf('tenant', 1),
    tenantSlug: 'acme',
    slug: 'research',
    name: 'Research',
    namespace: 't-acme-research',
    ...overrides,
  }
}

export function queue(overrides: Partial<Facts['queue']> = {}): Facts['queue'] {
  return {
    id: idOf('queue', 1),
    tenantId: null,
    name: 'default',
    objectName: 'default',
    closed: false,
    maxGpus: null,
    ...overrides,
  }
}

type Flavor = Facts['cluster']['flavors'][number]

/** 2 nodes × 8 A100 with 64 cores and 512 GiB each. */
export function flavor(overrides: Partial<Flavor> = {}): Flavor {
  return {
    flavor: 'a100',
    gpuModel: 'A100',
    nodes: 2,
    gpusPerNode: 8,
    gpuMemoryMiB: 81_920,
    cpuMilliPerNode: 64_000,
    memoryMiBPerNode: 524_288,
    ...overrides,
  }
}

/** 1 node of 128 cores and 1 TiB without GPUs. */
export function cpuFlavor(): Flavor {
  return flavor({
    flavor: 'cpu',
    gpuModel: null,
    nodes: 1,
    gpusPerNode: 0,
    gpuMemoryMiB: 0,
    cpuMilliPerNode: 128_000,
    memoryMiBPerNode: 1_048_576,
  })
}

export function cluster(overrides: Partial<Facts['cluster']> = {}): Facts['cluster'] {
  return { id: idOf('cluster', 1), name: 'local', flavors: [flavor(), cpuFlavor()], ...overrides }
}

export function submissionFacts(overrides: Partial<SubmissionFacts> = {}): SubmissionFacts {
  return { project: project(), queue: queue(), clusters: [cluster()], ...overrides }
}

export function gpu(overrides: Partial<GpuRequest> = {}): GpuRequest {
  return { count: null, share: null, memoryMiB: null, models: [], ...overrides }
}

/** A request that nothing speaks against: 2 pods of 4 GPUs. */
export function jobRequest(overrides: Partial<JobRequest> = {}): JobRequest {
  return {
    projectId: idOf('project', 1),
    queue: 'default',
    name: 'train',
    image: 'registry.example/train:1',
    command: null,
    env: [],
    replicas: 2,
    minCount: null,
    resources: { cpu: '4', memoryMiB: 4096, gpu: gpu({ count: 4 }) },
    class: 'TRAINING',
    priorityClass: null,
    preemptible: true,
    maxRuntimeSeconds: null,
    topology: null,
    labels: [],
    ...overrides,
  }
}

/** Submitted at NOW, seen by nobody yet. */
export function job(overrides: Partial<NewJob> = {}): NewJob {
  const made = newJob(jobRequest(), submissionFacts(), {
    id: idOf('job', 1),
    clusterId: idOf('cluster', 1),
    createdBy: 'dana@acme',
    now: NOW,
  })
  return { ...made, ...overrides }
}

/** What the agent says of `of` while it waits. */
export function jobObservation(of: NewJob, overrides: Partial<JobObservation> = {}): JobObservation {
  return {
    uid: `uid-${of.id}`,
    namespace: of.namespace,
    name: of.objectName,
    tenantId: of.tenantId,
    projectId: of.projectId,
    jobId: of.id,
    queue: of.queueName,
    createdBy: null,
    state: 'PENDING',
    createdAt: NOW,
    admittedAt: null,
    startedAt: null,
    finishedAt: null,
    evicted: null,
    pending: null,
    failure: null,
    spec: {
      replicas: of.replicas,
      class: of.class,
      priorityClass: of.priorityClass,
      preemptible: of.preemptible,
      maxRuntimeSeconds: of.maxRuntimeSeconds,
      resources: of.resources,
      image: of.image,
    },
    ...overrides,
  }
}

/** What the agent says of a pod of `of` that is not bound yet. */
export function podObservation(of: NewJob, overrides: Partial<PodObservation> = {}): PodObservation {
  return {
    uid: `pod-of-${of.id}`,
    namespace: of.namespace,
    name: `${of.objectName}-0-abcde`,
    tenantId: of.tenantId,
    projectId: of.projectId,
    jobUid: `uid-${of.id}`,
    jobId: of.id,
    node: null,
    phase: 'Pending',
    reason: null,
    createdAt: NOW,
    admittedAt: null,
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    slot: null,
    cpuMilli: 4000,
    memoryMiB: 4096,
    devices: [],
    ...overrides,
  }
}
