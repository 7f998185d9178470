import { type JsonPatch, jsonPointer } from '../../kubernetes/cluster.ts'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { toSecondsTimestamp } from '../../platform/clock.ts'
import { encodeAssignment } from '../model/assignment.ts'
import type { Nomination } from '../model/job.ts'
import type { PendingReason } from '../model/pending.ts'
import { isElastic, resizing, wishedCount } from './elastic.ts'
import type { ReadAdmission } from './readJob.ts'

type Operation = JsonPatch[number]

/**
 * Unsuspends the Job and writes its assignment, in one write that is refused if the Job is another,
 * asks for something else than was planned for, in another queue even, or runs already.
 */
export function admissionPatch(job: Job, { assignment, text, admittedAtMs, epoch }: ReadAdmission): JsonPatch {
  const size = isElastic(job) ? resizing(job, assignment.slots.length) : null
  return [
    ...guards(job, true),
    { op: 'test', path: '/metadata/generation', value: job.metadata.generation },
    ...inItsQueue(job),
    ...(size === null ? [] : [asElastic(job), ...size.spec]),
    { op: 'replace', path: '/spec/suspend', value: false },
    ...annotate(job, {
      [annotations.assignment]: text,
      [annotations.admittedAt]: toSecondsTimestamp(admittedAtMs),
      [annotations.epoch]: String(epoch),
      [annotations.pending]: null,
      [annotations.evicted]: null,
      [annotations.nomination]: null,
      ...size?.told,
    }),
  ]
}

/**
 * Gives an elastic Job that runs more or fewer pods, and their places, in one write. Refused on any version but the one
 * that was decided on: a Job that has just ended, or is suspended, must not get more.
 */
export function resizePatch(job: Job, { assignment, text, grown = [], epoch }: ReadAdmission): JsonPatch {
  const size = resizing(job, assignment.slots.length)
  const steps = grown.map(({ from, atMs }) => ({ from, at: toSecondsTimestamp(atMs) }))
  return [
    ...guards(job, false),
    { op: 'test', path: '/metadata/resourceVersion', value: job.metadata.resourceVersion },
    ...size.spec,
    ...annotate(job, {
      [annotations.assignment]: text,
      [annotations.grown]: steps.length > 0 ? JSON.stringify({ steps }) : null,
      [annotations.epoch]: String(epoch),
      ...size.told,
    }),
  ]
}

export interface Eviction {
  readonly reason: string
  readonly message: string
  readonly fix: string
  readonly attempt: number
  readonly notBeforeMs: number
}

/** Suspends the Job again, takes its assignment back and says why, and when it is tried next. @param epoch the present one */
export function requeuePatch(
  job: Job,
  { reason, message, fix, attempt, notBeforeMs }: Eviction,
  nowMs: number,
  epoch: number,
): JsonPatch {
  const at = toSecondsTimestamp(nowMs)
  // It asks for all of it again.
  const size = isElastic(job) ? resizing(job, wishedCount(job)) : null
  return [
    ...guards(job, false),
    ...(size?.spec ?? []),
    { op: 'replace', path: '/spec/suspend', value: true },
    ...annotate(job, {
      ...size?.told,
      [annotations.grown]: null,
      [annotations.assignment]: null,
      [annotations.admittedAt]: null,
      [annotations.epoch]: String(epoch),
      [annotations.requeue]: JSON.stringify({ attempt, notBefore: new Date(notBeforeMs).toISOString() }),
      [annotations.evicted]: JSON.stringify({ at, reason, message }),
      [annotations.pending]: JSON.stringify({ code: 'WaitingForBackoff', message, fix, since: at }),
    }),
  ]
}

/** @returns null where the assignment does not fit on a Job */
export function nominationText({ victims, assignment }: Nomination): string | null {
  const text = encodeAssignment(assignment)
  return text && JSON.stringify({ victims, assignment: text })
}

/** Says on the Job who is stopped for it, before anybody is; refused once it no longer waits. @param nomination see nominationText @param epoch the present one */
export function nominationPatch(job: Job, nomination: string, epoch: number): JsonPatch {
  return [
    ...guards(job, true),
    ...annotate(job, {
      [annotations.nomination]: nomination,
      [annotations.epoch]: String(epoch),
    }),
  ]
}

/** Says on the Job why it waits; refused once it no longer does. @param epoch the present one */
export function pendingPatch(job: Job, { code, message, fix }: PendingReason, nowMs: number, epoch: number): JsonPatch {
  const since = toSecondsTimestamp(nowMs)
  return [
    ...guards(job, true),
    ...annotate(job, {
      [annotations.pending]: JSON.stringify({ code, message, fix, since }),
      [annotations.epoch]: String(epoch),
    }),
  ]
}

function guards(job: Job, isSuspended: boolean): Operation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: job.metadata.uid },
    { op: 'test', path: '/spec/suspend', value: isSuspended },
  ]
}

/** Of a Job that names none there is nothing to test: the admission policy gives every new one a queue. */
function inItsQueue({ metadata }: Job): Operation[] {
  const queue = metadata.labels?.[labels.queue]
  if (queue === undefined) return []
  return [{ op: 'test', path: jsonPointer('metadata', 'labels', labels.queue), value: queue }]
}

/** It may become elastic, or another way, without a new generation. */
function asElastic({ metadata }: Job): Operation {
  const path = jsonPointer('metadata', 'annotations', annotations.minCount)
  return { op: 'test', path, value: metadata.annotations?.[annotations.minCount] }
}

/** Sets the annotations, or removes those that are null and there. */
function annotate(job: Job, values: Record<string, string | null>): Operation[] {
  const before = job.metadata.annotations
  const set = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null)
  if (before === undefined) return [{ op: 'add', path: '/metadata/annotations', value: Object.fromEntries(set) }]
  const removed = Object.keys(values).filter((name) => values[name] === null && name in before)
  const path = (name: string) => jsonPointer('metadata', 'annotations', name)
  return [
    ...set.map(([name, value]): Operation => ({ op: 'add', path: path(name), value })),
    ...removed.map((name): Operation => ({ op: 'remove', path: path(name) })),
  ]
}
