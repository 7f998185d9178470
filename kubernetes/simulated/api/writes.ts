import { strict as assert } from 'node:assert'
import type { JsonPatch, Ref } from '../../cluster.ts'
import { type Kind, resources } from '../../objects.ts'
import { frozenCopy, isEqual, withFields } from '../store/immutable.ts'
import { alreadyExists, badRequest, forbidden, invalid, notFound } from '../store/refusals.ts'
import { nameOf, namespaceOf, refOf, type StoredObject, uidOf } from '../store/storedObject.ts'
import { admitted } from './admission.ts'
import { validateClaimStatus } from './claimStatus.ts'
import { KINDS_WITH_GENERATION, KINDS_WITH_STATUS, withDefaults } from './defaults.ts'
import { nextUid } from './identifiers.ts'
import { jsonPatch, PatchError } from './jsonPatch.ts'
import { type Machine, timestamp } from './machine.ts'
import { checkPolicies } from './policies.ts'
import { checkQuota } from './quota.ts'
import { serverSideApply } from './serverSideApply.ts'
import { validate, validateChange } from './validation.ts'

export function getObject(machine: Machine, kind: Kind, ref: Ref): StoredObject {
  const found = machine.store.get(kind, ref)
  if (found === undefined) throw notFound(kind, ref.name)
  return found
}

export function createObject(
  machine: Machine,
  kind: Kind,
  wanted: StoredObject,
  options: { dryRun?: boolean; applied?: StoredObject } = {},
): StoredObject {
  return createFrozen(machine, kind, frozenCopy(wanted), options)
}

/** As createObject, for an object that is frozen all the way down already and shares what it can. */
export function createFrozen(
  machine: Machine,
  kind: Kind,
  wanted: StoredObject,
  options: { dryRun?: boolean; applied?: StoredObject } = {},
): StoredObject {
  const { apiVersion, namespaced } = resources[kind]
  const name = wanted.metadata.name
  if (name === undefined || name === '') throw invalid(kind, '', 'metadata.name: Required value')
  if (namespaced) checkNamespace(machine, kind, wanted)
  if (machine.store.get(kind, refOf(wanted)) !== undefined) throw alreadyExists(kind, name)
  const begun = withFields(wanted, { apiVersion, kind, metadata: firstMetadata(machine, kind, wanted) })
  const object = admitted(machine, kind, withDefaults(kind, begun))
  validate(kind, object)
  checkPolicies(machine, { kind, object, before: null })
  if (kind === 'Pod') checkQuota(machine, object)
  return options.dryRun ? object : machine.store.put(kind, object, options.applied)
}

function checkNamespace(machine: Machine, kind: Kind, wanted: StoredObject): void {
  const name = namespaceOf(wanted)
  if (name === '') throw badRequest(`a ${kind} needs a namespace`)
  const namespace = machine.store.get('Namespace', { name })
  if (namespace === undefined) throw notFound('Namespace', name)
  if (namespace.metadata.deletionTimestamp !== undefined) {
    throw forbidden(
      kind,
      nameOf(wanted),
      `unable to create new content in namespace ${name} because it is being terminated`,
    )
  }
}

function firstMetadata(machine: Machine, kind: Kind, { metadata }: StoredObject): StoredObject['metadata'] {
  const { name, namespace, labels, annotations, finalizers, ownerReferences } = metadata
  return withFields({} as StoredObject['metadata'], {
    name,
    namespace: resources[kind].namespaced ? namespace : undefined,
    uid: nextUid(machine),
    generation: KINDS_WITH_GENERATION.has(kind) ? 1 : undefined,
    creationTimestamp: timestamp(machine),
    labels,
    annotations,
    finalizers,
    ownerReferences,
  })
}

export function applyObject(machine: Machine, kind: Kind, wanted: StoredObject): StoredObject {
  const applied = frozenCopy(wanted)
  const live = machine.store.get(kind, refOf(wanted))
  if (live === undefined) return createFrozen(machine, kind, applied, { applied })
  const next = serverSideApply(live, applied, machine.store.appliedTo(uidOf(live)))
  return updateObject(machine, kind, live, next, applied)
}

export function patchObject(machine: Machine, kind: Kind, ref: Ref, patch: JsonPatch): StoredObject {
  const live = getObject(machine, kind, ref)
  return updateObject(machine, kind, live, patched(kind, live, patch))
}

export function patchStatus(machine: Machine, kind: Kind, ref: Ref, patch: JsonPatch): StoredObject {
  if (!KINDS_WITH_STATUS.has(kind)) throw notFound(kind, `${ref.name}/status`)
  const live = getObject(machine, kind, ref)
  const { status } = patched(kind, live, patch)
  if (kind === 'ResourceClaim') {
    const object = withFields(live, { status })
    validateClaimStatus(live, object)
    checkPolicies(machine, { kind, object, before: live })
  }
  return updateStatus(machine, kind, live, status)
}

function patched(kind: Kind, live: StoredObject, patch: JsonPatch): StoredObject {
  try {
    return jsonPatch(live, patch)
  } catch (error) {
    if (error instanceof PatchError) throw invalid(kind, nameOf(live), error.message)
    throw error
  }
}

/**
 * Writes everything but the status and what only the server sets. Nothing is written where nothing
 * changes; an object that was waiting for its last finalizer goes with it.
 */
export function updateObject(
  machine: Machine,
  kind: Kind,
  live: StoredObject,
  wanted: StoredObject,
  applied?: StoredObject,
): StoredObject {
  const { labels, annotations, finalizers, ownerReferences } = wanted.metadata
  const metadata = withFields(live.metadata, { labels, annotations, finalizers, ownerReferences })
  const next = withFields(wanted, {
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: isEqual(metadata, live.metadata) ? live.metadata : metadata,
    ...(isEqual(live.spec, wanted.spec) && { spec: live.spec }),
    ...(KINDS_WITH_STATUS.has(kind) && { status: live.status }),
  })
  const claimsTheSame = applied === undefined || isEqual(applied, machine.store.appliedTo(uidOf(live)))
  if (claimsTheSame && isEqual(live, next)) return live
  validateChange(kind, live, next)
  checkPolicies(machine, { kind, object: next, before: live })
  if (isReleased(next)) return machine.store.remove(kind, next)
  return machine.store.put(kind, live.spec === next.spec ? next : nextGeneration(kind, next), applied)
}

export function updateStatus(
  machine: Machine,
  kind: Kind,
  live: StoredObject,
  status: object | undefined,
): StoredObject {
  assert(status === undefined || Object.isFrozen(status))
  if (isEqual(live.status, status)) return live
  return machine.store.put(kind, withFields(live, { status }))
}

function nextGeneration(kind: Kind, object: StoredObject): StoredObject {
  if (!KINDS_WITH_GENERATION.has(kind)) return object
  const generation = (object.metadata.generation ?? 0) + 1
  return withFields(object, { metadata: withFields(object.metadata, { generation }) })
}

/** Deleted before, and neither finalizer nor grace holds it any more. */
export function isReleased(object: StoredObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers, namespace } = object.metadata
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) > 0) return false
  if (object.kind === 'Namespace' && namespace === undefined) {
    return (object.spec as { finalizers?: string[] }).finalizers?.length === 0
  }
  return (finalizers ?? []).length === 0
}
