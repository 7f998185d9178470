import { annotations, EPOCHS, labels, METERED_FINALIZER } from '../../names.ts'
import type { Kind } from '../../objects.ts'
import { DECISIONS, FENCE_NAME } from '../../policies/epochFence.ts'
import { jobEditsAreHonest } from '../../policies/jobEdits.ts'
import { podsAreNotForged, SAID_OF_GROUP, WRITTEN_ON_PODS } from '../../policies/podForgery.ts'
import { isEqual } from '../store/immutable.ts'
import { forbidden } from '../store/refusals.ts'
import { nameOf, namespaceOf, type StoredObject, typed } from '../store/storedObject.ts'
import type { Machine } from './machine.ts'

/**
 * A write as the validating policies see it. A Binding is an object of its own, whose annotations go to the pod.
 * @property before null where the object is new
 */
export interface Attempt {
  kind: Kind
  object: StoredObject
  before: StoredObject | null
  isBinding?: boolean
}

/**
 * Refuses what policies/epochFence.ts and policies/podForgery.ts refuse, and of policies/jobEdits.ts what is
 * about decisions of the scheduler; each where it is installed. The contract holds the two together.
 * @throws ClusterError FORBIDDEN
 */
export function checkPolicies(machine: Machine, attempt: Attempt): void {
  const { kind, object } = attempt
  if (!FENCED.includes(kind) || !isTenants(machine, object)) return
  if (machine.caller === 'sluice') {
    if (isInstalled(machine, FENCE_NAME)) checkEpoch(machine, attempt)
  } else if (kind === 'ResourceClaim') {
    if (machine.caller === 'tenant') checkAllocation(attempt)
  } else if (kind === 'Pod') {
    if (isInstalled(machine, POD_FORGERY)) checkForgery(machine, attempt)
  } else if (isInstalled(machine, JOB_EDITS)) checkDecisions(attempt)
}

const FENCED: readonly Kind[] = ['Job', 'Pod', 'ResourceClaim']
const POD_FORGERY = podsAreNotForged.metadata.name as string
const JOB_EDITS = jobEditsAreHonest.metadata.name as string

function isInstalled(machine: Machine, name: string): boolean {
  return machine.store.get('ValidatingAdmissionPolicyBinding', { name }) !== undefined
}

function isTenants(machine: Machine, object: StoredObject): boolean {
  const namespace = machine.store.get('Namespace', { name: namespaceOf(object) })
  return namespace?.metadata.labels?.[labels.tenant] !== undefined
}

function checkEpoch(machine: Machine, { kind, object, before, isBinding = false }: Attempt): void {
  if (!isBinding && (before === null || !isDecision(kind, before, object))) return
  const epochs = machine.store.get('ConfigMap', { namespace: EPOCHS.namespace, name: EPOCHS.name })
  if (epochs === undefined) throw refusal(kind, object, FENCE_NAME, 'no params found for policy binding')
  const present = typed('ConfigMap', epochs).data?.[EPOCHS.term]
  const epoch = object.metadata.annotations?.[annotations.epoch] ?? ''
  if (epoch === present) return
  const words = `This was decided in epoch "${epoch}"; the scheduler of this cluster is in epoch "${present}".`
  throw refusal(kind, object, FENCE_NAME, words)
}

function isDecision(kind: Kind, before: StoredObject, after: StoredObject): boolean {
  if (kind === 'ResourceClaim') {
    const [old, now] = [typed(kind, before).status, typed(kind, after).status]
    if (!isEqual([old?.allocation, old?.reservedFor], [now?.allocation, now?.reservedFor])) return true
    return hasChanged(annotations.epoch, before, after)
  }
  const wasSuspended = kind === 'Job' && typed('Job', before).spec?.suspend === true
  if (wasSuspended && typed('Job', after).spec?.suspend !== true) return true
  return DECISIONS.some((name) => hasChanged(name, before, after))
}

/** No policy: the roles that tenants get have no right to it. */
function checkAllocation({ kind, object, before }: Attempt): void {
  if (before !== null && !isEqual(before.status, object.status))
    throw forbidden(kind, nameOf(object), 'cannot patch resource "resourceclaims/status"')
}

function checkDecisions({ object, before }: Attempt): void {
  const forged = DECISIONS.find((name) => hasChanged(name, before, object))
  if (forged !== undefined) throw refusal('Job', object, JOB_EDITS, `Annotation ${forged} is written by Sluice alone.`)
  if (before !== null && typed('Job', before).spec?.suspend !== typed('Job', object).spec?.suspend)
    throw refusal('Job', object, JOB_EDITS, 'spec.suspend is the scheduler’s.')
}

function checkForgery(machine: Machine, { object, before, isBinding = false }: Attempt): void {
  const refuse = (words: string) => refusal('Pod', object, POD_FORGERY, words)
  if (isBinding) throw refuse('Pods of this namespace are bound by Sluice alone.')
  if (before === null && typed('Pod', object).spec?.nodeName) throw refuse('spec.nodeName is the scheduler’s.')
  const forged = WRITTEN_ON_PODS.find((name) => hasChanged(name, before, object))
  if (forged !== undefined) throw refuse(`Annotation ${forged} is written by Sluice alone.`)
  const saidAnew = before === null ? [] : saidAnewOf(before, object)
  if (saidAnew.length > 0) throw refuse(`${saidAnew[0]} of a pod stays as it was created.`)
  const wasHeld = before?.metadata.finalizers?.includes(METERED_FINALIZER)
  if (wasHeld && !object.metadata.finalizers?.includes(METERED_FINALIZER)) {
    throw refuse(`Finalizer ${METERED_FINALIZER} stays until what the pod held is metered.`)
  }
  if (machine.caller === 'kubernetes') return
  const known = before === null ? [] : jobsOf(before)
  if (jobsOf(object).some((uid) => !known.includes(uid))) throw refuse('A Job’s pods are made by the Job controller.')
}

function saidAnewOf(before: StoredObject, after: StoredObject): string[] {
  const isNew = (name: string) => before.metadata.labels?.[name] !== after.metadata.labels?.[name]
  return [
    ...SAID_OF_GROUP.labels.filter(isNew),
    ...SAID_OF_GROUP.annotations.filter((name) => hasChanged(name, before, after)),
  ]
}

function jobsOf({ metadata }: StoredObject): string[] {
  const owners = metadata.ownerReferences?.filter(({ controller, kind }) => controller === true && kind === 'Job')
  return owners?.map(({ uid }) => uid) ?? []
}

function hasChanged(name: string, before: StoredObject | null, after: StoredObject): boolean {
  return before?.metadata.annotations?.[name] !== after.metadata.annotations?.[name]
}

function refusal(kind: Kind, object: StoredObject, policy: string, words: string) {
  return forbidden(
    kind,
    nameOf(object),
    `ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ${words}`,
  )
}
