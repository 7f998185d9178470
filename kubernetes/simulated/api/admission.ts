import {
  annotations,
  DEFAULT_CLASS,
  DEFAULT_QUEUE,
  GPU_TAINT,
  labels,
  METERED_FINALIZER,
  SCHEDULER_NAME,
} from '../../names.ts'
import type { Job, Kind, Pod } from '../../objects.ts'
import { PRIORITY_CLASS_PREFIX } from '../../policies/priorityClasses.ts'
import { frozenCopy, withFields } from '../store/immutable.ts'
import { forbidden } from '../store/refusals.ts'
import { nameOf, namespaceOf, type StoredObject, typed } from '../store/storedObject.ts'
import type { Machine } from './machine.ts'

const IGNORE_DISRUPTIONS = frozenCopy({
  rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
})
const ENTERS_SUSPENDED = frozenCopy({ podReplacementPolicy: 'Failed', suspend: true })
const GPU_TOLERATION = frozenCopy({ ...GPU_TAINT, operator: 'Exists' as const })
/** Everybody who asks this API server: it knows one caller, who acts for Sluice. */
const CALLER = 'admin'

/**
 * What happens to an object on its way in, beside defaults: priority of pods, and in tenants' namespaces
 * what the mutating ones of policies/ do on a real API server. Both are held together by the contract.
 * What the validating ones refuse, they refuse to tenants alone, of whom none calls here.
 */
export function admitted(machine: Machine, kind: Kind, object: StoredObject): StoredObject {
  if (kind === 'Pod') return admittedPod(machine, object, typed('Pod', object))
  if (kind === 'Job' && isTenants(machine, object))
    return entersSuspended(withJobDefaults(machine, object, typed('Job', object)))
  return object
}

function isTenants(machine: Machine, object: StoredObject): boolean {
  const namespace = machine.store.get('Namespace', { name: namespaceOf(object) })
  return namespace?.metadata.labels?.[labels.tenant] !== undefined
}

function withJobDefaults(machine: Machine, object: StoredObject, { metadata, spec }: Job): StoredObject {
  const template = spec?.template
  if (spec === undefined || template?.spec === undefined) return object
  const { tolerations = [], priorityClassName } = template.spec
  const ofGroup = template.metadata?.labels?.[labels.group] === undefined ? undefined : template.metadata
  const jobClass =
    metadata.annotations?.[annotations.class] ?? ofGroup?.annotations?.[annotations.class] ?? DEFAULT_CLASS
  const queue = ofGroup?.labels?.[labels.queue] ?? DEFAULT_QUEUE
  const ofClass = PRIORITY_CLASS_PREFIX + jobClass.toLowerCase()
  // A cluster without the platform has no priority classes, and no policy that names one.
  const isInstalled = machine.store.get('PriorityClass', { name: ofClass }) !== undefined
  const podSpec = withFields(template.spec as object, {
    priorityClassName: priorityClassName ?? (isInstalled ? ofClass : undefined),
    tolerations: tolerations.some(({ key }) => key === GPU_TAINT.key)
      ? tolerations
      : Object.freeze([...tolerations, GPU_TOLERATION]),
  })
  return withFields(object, {
    metadata: withFields(object.metadata, {
      labels: Object.freeze({ [labels.queue]: queue, ...metadata.labels }),
      annotations: Object.freeze({
        [annotations.class]: jobClass,
        [annotations.createdBy]: CALLER,
        ...metadata.annotations,
      }),
    }),
    spec: Object.freeze({ ...spec, template: Object.freeze({ ...template, spec: podSpec }) }),
  })
}

/** JobSet and its like resume their children by themselves, so those are left alone. */
function entersSuspended(object: StoredObject): StoredObject {
  const { metadata, spec } = typed('Job', object)
  const controller = metadata.ownerReferences?.find((owner) => owner.controller)
  const isFree =
    controller === undefined || (controller.kind === 'CronJob' && controller.apiVersion.startsWith('batch/'))
  if (!isFree || spec === undefined) return object
  const mayIgnore = spec.template.spec?.restartPolicy === 'Never' && spec.podFailurePolicy === undefined
  return withFields(object, {
    spec: Object.freeze({ ...spec, ...ENTERS_SUSPENDED, ...(mayIgnore && { podFailurePolicy: IGNORE_DISRUPTIONS }) }),
  })
}

function admittedPod(machine: Machine, object: StoredObject, { spec, metadata }: Pod): StoredObject {
  const prioritized = withFields(spec as object, { priority: priorityOf(machine, object, spec) }) as NonNullable<
    Pod['spec']
  >
  if (!isTenants(machine, object)) return withFields(object, { spec: prioritized })
  const finalizers = Object.freeze([...new Set([...(metadata.finalizers ?? []), METERED_FINALIZER])])
  return withFields(object, {
    metadata: withFields(object.metadata, { finalizers }),
    spec: withFields(prioritized, { schedulerName: SCHEDULER_NAME }),
  })
}

function priorityOf(machine: Machine, object: StoredObject, spec: Pod['spec']): number {
  const name = spec?.priorityClassName
  if (name === undefined || name === '') return 0
  const found = machine.store.get('PriorityClass', { name })
  if (found === undefined) throw forbidden('Pod', nameOf(object), `no PriorityClass with name ${name} was found`)
  return typed('PriorityClass', found).value ?? 0
}
