import type { Observation } from '../../../platform/link/protocol.ts'
import { deviceKey, type Ending, type Interval } from './interval.ts'

/** What a record about a pod says for the ledger. */
export type Sighting = Held | Ended

/** It holds, or has held, a node and perhaps devices. */
export interface Held {
  type: 'held'
  pod: SeenPod
  admittedSeconds: number
  startedSeconds: number | null
  /** null: it still holds them. */
  finishedSeconds: number | null
  cpuMilli: number
  memoryMib: number
  devices: Pick<Interval, 'device' | 'deviceIndex' | 'identity' | 'model' | 'share'>[]
}

export interface SeenPod {
  uid: string
  tenantId: string
  projectId: string
  namespace: string
  name: string
  node: string | null
  jobUid: string | null
  /** From its own label: a claim. */
  claimedJobId: string | null
}

/** It is not there any more; whatever it held has ended. */
export interface Ended {
  type: 'ended'
  uid: string
  atSeconds: number
  ending: Ending
}

type PodRecord = Extract<Observation, { kind: 'pod' }>

/**
 * @returns null for what says nothing to the ledger: other kinds, and pods that were never bound
 * @throws TypeError where the record makes no sense
 */
export function sightingOf(record: Observation): Sighting | null {
  if (record.kind === 'podGone') {
    return { type: 'ended', uid: record.uid, atSeconds: secondsOf('at', record.at), ending: 'GONE' }
  }
  return record.kind === 'pod' && record.admittedAt !== null ? heldBy(record, record.admittedAt) : null
}

function heldBy(record: PodRecord, admittedAt: string): Held {
  const { node } = record
  const pod = {
    uid: text('uid', record.uid),
    tenantId: text('tenantId', record.tenantId),
    projectId: text('projectId', record.projectId),
    namespace: text('namespace', record.namespace),
    name: text('name', record.name),
    node,
    jobUid: record.jobUid,
    claimedJobId: record.jobId,
  }
  return {
    type: 'held',
    pod,
    admittedSeconds: secondsOf('admittedAt', admittedAt),
    startedSeconds: record.startedAt === null ? null : secondsOf('startedAt', record.startedAt),
    finishedSeconds: record.finishedAt === null ? null : secondsOf('finishedAt', record.finishedAt),
    cpuMilli: quantity('cpuMilli', record.cpuMilli),
    memoryMib: quantity('memoryMiB', record.memoryMiB),
    devices: record.devices.map(({ index, uuid, model, share, identity }) => ({
      device: deviceKey(node, index, uuid),
      deviceIndex: index,
      identity,
      model: text('model', model),
      share: shareOf(share),
    })),
  }
}

/** Whole seconds, rounded down: Kubernetes' own resolution, and never more than was held twice. */
function secondsOf(field: string, value: string): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new TypeError(`${field} is no time: ${JSON.stringify(value)}`)
  return Math.floor(ms / 1000)
}

function text(field: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${field} is missing`)
  return value
}

function quantity(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${field} is no quantity: ${value}`)
  return value
}

function shareOf(value: string): string {
  const isShare =
    typeof value === 'string' && /^[01](\.\d{1,6})?$/.test(value) && Number(value) > 0 && Number(value) <= 1
  if (!isShare) throw new TypeError(`share is no part of a device: ${JSON.stringify(value)}`)
  return value
}
