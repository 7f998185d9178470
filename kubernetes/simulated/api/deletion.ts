import { toSecondsTimestamp } from '../../../platform/clock.ts'
import type { DeleteOptions, Ref } from '../../cluster.ts'
import type { Kind } from '../../objects.ts'
import { frozenCopy, withFields } from '../store/immutable.ts'
import { conflict } from '../store/refusals.ts'
import { nameOf, type StoredObject, typed } from '../store/storedObject.ts'
import type { Machine } from './machine.ts'
import { getObject, isReleased } from './writes.ts'

export const FOREGROUND_FINALIZER = 'foregroundDeletion'
export const ORPHAN_FINALIZER = 'orphan'

/** Removes an object, or marks it as terminating where grace or finalizers hold it. */
export function deleteObject(machine: Machine, kind: Kind, ref: Ref, options: DeleteOptions = {}): void {
  const live = getObject(machine, kind, ref)
  checkPreconditions(kind, live, options)
  const graceSeconds = kind === 'Pod' ? graceOf(live, options) : 0
  const terminating = withPropagation(propagationOf(kind, options), marked(machine, live, graceSeconds))
  if (isReleased(terminating)) machine.store.remove(kind, live)
  else if (terminating !== live) {
    machine.store.put(kind, kind === 'Namespace' ? withTerminatingPhase(terminating) : terminating)
  }
}

function checkPreconditions(kind: Kind, live: StoredObject, { uid, resourceVersion }: DeleteOptions): void {
  if (uid !== undefined && uid !== live.metadata.uid) {
    throw conflict(
      kind,
      nameOf(live),
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
    throw conflict(kind, nameOf(live), `the ResourceVersion in the precondition (${resourceVersion}) does not match`)
  }
}

/** A pod that no kubelet has, or that has ended, needs no time to end. */
function graceOf(live: StoredObject, options: DeleteOptions): number {
  const { spec, status } = typed('Pod', live)
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  if (!spec?.nodeName || hasEnded) return 0
  const graceSeconds = options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 0
  return graceSeconds < 0 ? 1 : graceSeconds
}

/** A second deletion can only shorten the grace. */
function marked(machine: Machine, live: StoredObject, graceSeconds: number): StoredObject {
  const { deletionTimestamp, deletionGracePeriodSeconds } = live.metadata
  if (deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) <= graceSeconds) return live
  return withFields(live, {
    metadata: withFields(live.metadata, {
      deletionTimestamp: toSecondsTimestamp(machine.nowMs() + graceSeconds * 1_000),
      deletionGracePeriodSeconds: graceSeconds,
    }),
  })
}

/** For compatibility with times before garbage collection, batch/v1 leaves a Job's pods unless told otherwise. */
function propagationOf(kind: Kind, { propagationPolicy }: DeleteOptions): DeleteOptions['propagationPolicy'] {
  return propagationPolicy ?? (kind === 'Job' ? 'Orphan' : 'Background')
}

function withPropagation(
  propagationPolicy: DeleteOptions['propagationPolicy'],
  terminating: StoredObject,
): StoredObject {
  const finalizer =
    propagationPolicy === 'Foreground'
      ? FOREGROUND_FINALIZER
      : propagationPolicy === 'Orphan'
        ? ORPHAN_FINALIZER
        : undefined
  const finalizers = terminating.metadata.finalizers ?? []
  if (finalizer === undefined || finalizers.includes(finalizer)) return terminating
  return withFields(terminating, {
    metadata: withFields(terminating.metadata, { finalizers: Object.freeze([...finalizers, finalizer]) }),
  })
}

function withTerminatingPhase(namespace: StoredObject): StoredObject {
  return withFields(namespace, { status: frozenCopy({ ...namespace.status, phase: 'Terminating' }) })
}
