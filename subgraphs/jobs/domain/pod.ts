import type { PodObservation } from '../../../platform/link/protocol.ts'

export type PodDevice = PodObservation['devices'][number]

/** What the graph shows of a pod; also its state as of an event. */
export interface PodView {
  id: string
  tenantId: string
  projectId: string
  jobId: string | null
  name: string
  node: string | null
  phase: PodObservation['phase']
  devices: PodDevice[]
  startedAt: string | null
  finishedAt: string | null
  exitCode: number | null
}

export interface PodRecord extends PodView {
  clusterId: string
  uid: string
  namespace: string
  /** uid of the Job object that owns it. */
  jobUid: string | null
  reason: string | null
  createdAt: string
  /** From when it holds its devices; null: not bound. */
  admittedAt: string | null
  slot: number | null
  goneAt: string | null
  seenEpoch: number
  seenSeq: number
}

export function podViewOf(pod: PodRecord): PodView {
  return {
    id: pod.id,
    tenantId: pod.tenantId,
    projectId: pod.projectId,
    jobId: pod.jobId,
    name: pod.name,
    node: pod.node,
    phase: pod.phase,
    devices: pod.devices,
    startedAt: pod.startedAt,
    finishedAt: pod.finishedAt,
    exitCode: pod.exitCode,
  }
}
