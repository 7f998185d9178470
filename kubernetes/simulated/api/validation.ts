import type { Job, Kind } from '../../objects.ts'
import { isEqual } from '../store/immutable.ts'
import { invalid } from '../store/refusals.ts'
import { nameOf, type StoredObject, typed } from '../store/storedObject.ts'

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const MAX_ANNOTATION_BYTES = 262_144

/** The API server's checks that somebody here could run into. */
export function validate(kind: Kind, object: StoredObject): void {
  validateName(kind, nameOf(object))
  for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
    if (value.length > 63 || !LABEL_VALUE.test(value)) {
      throw invalid(kind, nameOf(object), `metadata.labels: Invalid value: "${value}" of ${key}`)
    }
  }
  validateAnnotations(kind, object)
  if (kind === 'Job') validateJob(typed('Job', object))
  if (kind === 'Pod' && !typed('Pod', object).spec?.containers?.length) {
    throw invalid(kind, nameOf(object), 'spec.containers: Required value')
  }
}

function validateName(kind: Kind, name: string): void {
  const isLabel = kind === 'Namespace'
  if (name.length > (isLabel ? 63 : 253) || !(isLabel ? DNS_LABEL : DNS_SUBDOMAIN).test(name)) {
    throw invalid(kind, name, `metadata.name: Invalid value: "${name}": it must be a DNS name`)
  }
}

function validateAnnotations(kind: Kind, object: StoredObject): void {
  let characters = 0
  for (const [key, value] of Object.entries(object.metadata.annotations ?? {})) characters += key.length + value.length
  // Characters are bytes at most four times over: nearly always there is nothing to count.
  if (characters <= MAX_ANNOTATION_BYTES / 4) return
  let bytes = 0
  for (const entry of Object.entries(object.metadata.annotations ?? {})) bytes += Buffer.byteLength(entry.join(''))
  if (bytes > MAX_ANNOTATION_BYTES) {
    throw invalid(
      kind,
      nameOf(object),
      `metadata.annotations: Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`,
    )
  }
}

function validateJob({ metadata, spec }: Job): void {
  const name = metadata.name as string
  if (!spec?.template.spec?.containers?.length)
    throw invalid('Job', name, 'spec.template.spec.containers: Required value')
  if (!['Never', 'OnFailure'].includes(spec.template.spec.restartPolicy ?? '')) {
    throw invalid('Job', name, 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"')
  }
  for (const field of ['parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds'] as const) {
    if ((spec[field] ?? 0) < 0) throw invalid('Job', name, `spec.${field}: must be greater than or equal to 0`)
  }
  if (spec.completionMode === 'Indexed') {
    if (spec.completions === undefined) throw invalid('Job', name, 'spec.completions: Required value: when Indexed')
    // Pods are named after the Job and their index, and their names are host names.
    if (`${name}-${spec.completions}`.length > 63)
      throw invalid('Job', name, 'metadata.name: too long for Indexed pods')
  }
  if (spec.podFailurePolicy !== undefined && spec.podReplacementPolicy !== 'Failed') {
    throw invalid('Job', name, 'spec.podReplacementPolicy: must be Failed with a podFailurePolicy')
  }
}

const FIXED_JOB_FIELDS = ['completionMode', 'selector', 'podFailurePolicy', 'managedBy'] as const

/** What may not change any more. A suspended Job that has not started may change where its pods may run. */
export function validateChange(kind: Kind, before: StoredObject, after: StoredObject): void {
  validate(kind, after)
  if (kind === 'Job') validateJobChange(typed('Job', before), typed('Job', after))
  if (kind === 'Pod' && before.spec !== after.spec) validatePodChange(before, after)
}

function validateJobChange(before: Job, after: Job): void {
  const name = before.metadata.name as string
  for (const field of FIXED_JOB_FIELDS) {
    if (!isEqual(before.spec?.[field], after.spec?.[field]))
      throw invalid('Job', name, `spec.${field}: field is immutable`)
  }
  // Elastic: those of an Indexed Job may change together with its pods.
  const isInTandem = after.spec?.completionMode === 'Indexed' && after.spec.completions === after.spec.parallelism
  if (before.spec?.completions !== after.spec?.completions && !isInTandem)
    throw invalid('Job', name, 'spec.completions: field is immutable')
  const isOpen = before.spec?.suspend === true && before.status?.startTime === undefined
  if (!isOpen && !isEqual(before.spec?.template, after.spec?.template)) {
    throw invalid('Job', name, 'spec.template: field is immutable')
  }
}

const CHANGEABLE_POD_FIELDS = {
  activeDeadlineSeconds: undefined,
  tolerations: undefined,
  terminationGracePeriodSeconds: undefined,
  schedulingGates: undefined,
}

function validatePodChange(before: StoredObject, after: StoredObject): void {
  const fixed = (object: StoredObject) => ({ ...object.spec, ...CHANGEABLE_POD_FIELDS })
  if (!isEqual(fixed(before), fixed(after))) {
    throw invalid('Pod', nameOf(after), 'spec: Forbidden: pod updates may not change these fields')
  }
}
