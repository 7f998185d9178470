import type { Facts } from '../../../platform/facts/kinds.ts'
import type { Observation, PodObservation } from '../../../platform/link/protocol.ts'

export const T0 = '2026-03-01T12:00:00.000Z'

/** RFC 3339, so many seconds after T0. */
export function at(seconds: number): string {
  return new Date(Date.parse(T0) + seconds * 1000).toISOString()
}

/** Ids in the form that the platform makes them: `idOf('job', 7)`. */
export function idOf(prefix: 'tenant' | 'project' | 'cluster' | 'job' | 'export', number: number): string {
  return `${prefix}_${String(number).padStart(26, '0')}`
}

export function projectFact(overrides: Partial<Facts['project']> = {}): Facts['project'] {
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

export function jobFact(overrides: Partial<Facts['job']> = {}): Facts['job'] {
  return {
    id: idOf('job', 1),
    tenantId: idOf('tenant', 1),
    projectId: idOf('project', 1),
    name: 'train',
    clusterId: idOf('cluster', 1),
    uid: 'job-uid-1',
    final: false,
    boundPods: 0,
    finishedAt: null,
    ...overrides,
  }
}

type Device = PodObservation['devices'][number]

export function device(index: number, overrides: Partial<Device> = {}): Device {
  return { index, uuid: `GPU-${index}`, model: 'A100', share: '1', identity: 'ASSIGNED', ...overrides }
}

/** A pod of job 1 on node n1 that holds the first device since T0, not started yet. */
export function pod(uid: string, overrides: Partial<PodObservation> = {}): PodRecord {
  return {
    kind: 'pod',
    uid,
    namespace: 't-acme-research',
    name: `train-${uid}`,
    tenantId: idOf('tenant', 1),
    projectId: idOf('project', 1),
    jobUid: 'job-uid-1',
    jobId: idOf('job', 1),
    node: 'n1',
    phase: 'Running',
    reason: null,
    createdAt: T0,
    admittedAt: T0,
    startedAt: null,
    finishedAt: null,
    exitCode: null,
    slot: 0,
    cpuMilli: 1500,
    memoryMiB: 1024,
    devices: [device(0)],
    ...overrides,
  }
}
export type PodRecord = { kind: 'pod' } & PodObservation

export function podGone(uid: string, when: string): Omit<Extract<Observation, { kind: 'podGone' }>, 'seq'> {
  return { kind: 'podGone', uid, namespace: 't-acme-research', name: `train-${uid}`, at: when }
}
