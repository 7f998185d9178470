import type { PodObservation } from '../../../platform/link/protocol.ts'
import type { PodRecord } from './pod.ts'

/** A pod that has not been seen before; what the observation says of its state is applied after that. */
export function newPod(seen: PodObservation, { id, clusterId }: { id: string; clusterId: string }): PodRecord {
  return {
    id,
    tenantId: seen.tenantId,
    projectId: seen.projectId,
    jobId: null,
    jobUid: seen.jobUid,
    clusterId,
    uid: seen.uid,
    namespace: seen.namespace,
    name: seen.name,
    node: null,
    phase: 'Pending',
    reason: null,
    createdAt: new Date(seen.createdAt).toISOString(),
    admittedAt: null,
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    slot: null,
    devices: [],
    goneAt: null,
    seenEpoch: 0,
    seenSeq: 0,
  }
}
