import type { Pod } from '../../kubernetes/objects.ts'
import { unsupportedOfNodeAffinity } from './readAffinity.ts'
import { unsupportedOfAntiAffinity, unsupportedOfSpread } from './readPodRules.ts'

type PodSpec = NonNullable<Pod['spec']>
type Container = PodSpec['containers'][number]
type Volume = NonNullable<PodSpec['volumes']>[number]

/**
 * Path below the pod's spec of the first field that would matter for where it may run and is not
 * supported; null where there is none. What is not known here is not supported: no field is ever ignored
 * because it is new.
 */
export function unsupportedField(spec: PodSpec): string | null {
  for (const [field, value] of Object.entries(spec)) {
    if (isEmpty(value) || NEUTRAL_FIELDS.has(field)) continue
    if (field === 'containers' || field === 'initContainers') {
      const inside = firstOf(value as Container[], unsupportedOfContainer)
      if (inside !== null) return `${field}${inside}`
    } else if (field === 'volumes') {
      const inside = firstOf(spec.volumes ?? [], unsupportedOfVolume)
      if (inside !== null) return `volumes${inside}`
    } else if (field === 'tolerations') {
      const at = (spec.tolerations ?? []).findIndex(({ operator }) => !TOLERATION_OPERATORS.has(operator))
      if (at >= 0) return `tolerations[${at}].operator`
    } else if (field === 'affinity') {
      const inside = unsupportedOfAffinity(spec.affinity ?? {})
      if (inside !== null) return `affinity.${inside}`
    } else if (field === 'topologySpreadConstraints') {
      const inside = unsupportedOfSpread(spec.topologySpreadConstraints ?? [])
      if (inside !== null) return `topologySpreadConstraints${inside}`
    } else if (field === 'os') {
      if (spec.os?.name !== 'linux') return field
    } else if (!SUPPORTED_FIELDS.has(field)) return field
  }
  return null
}

const AFFINITY_KINDS: Record<string, (value: object) => string | null> = {
  nodeAffinity: unsupportedOfNodeAffinity,
  podAntiAffinity: unsupportedOfAntiAffinity,
}

function unsupportedOfAffinity(affinity: object): string | null {
  for (const [kind, value] of Object.entries(affinity)) {
    if (isEmpty(value)) continue
    const look = AFFINITY_KINDS[kind]
    if (look === undefined) return kind
    const inside = look(value)
    if (inside !== null) return `${kind}.${inside}`
  }
  return null
}

function firstOf<T>(list: readonly T[], unsupported: (item: T) => string | null): string | null {
  for (const [i, item] of list.entries()) {
    const path = unsupported(item)
    if (path !== null) return `[${i}].${path}`
  }
  return null
}

function unsupportedOfVolume({ name: _, ...source }: Volume): string | null {
  return Object.keys(source).find((kind) => kind !== 'persistentVolumeClaim' && !NEUTRAL_VOLUMES.has(kind)) ?? null
}

/** Fields that never decide where a pod may run. */
export const NEUTRAL_FIELDS: ReadonlySet<string> = new Set([
  'activeDeadlineSeconds',
  'automountServiceAccountToken',
  'dnsConfig',
  'dnsPolicy',
  'enableServiceLinks',
  'hostAliases',
  'hostIPC',
  'hostPID',
  'hostUsers',
  'hostname',
  'hostnameOverride',
  'imagePullSecrets',
  'preemptionPolicy',
  'priority',
  'priorityClassName',
  'readinessGates',
  'restartPolicy',
  'schedulerName',
  'securityContext',
  'serviceAccount',
  'serviceAccountName',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
  'terminationGracePeriodSeconds',
])
/** Fields that readPodRequest reads. */
export const SUPPORTED_FIELDS: ReadonlySet<string> = new Set([
  'affinity',
  'containers',
  'initContainers',
  'nodeSelector',
  'overhead',
  'resourceClaims',
  'runtimeClassName',
  'tolerations',
  'topologySpreadConstraints',
  'volumes',
])
/** Volumes that any node can mount. */
export const NEUTRAL_VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'downwardAPI',
  'emptyDir',
  'hostPath',
  'image',
  'nfs',
  'projected',
  'secret',
])
/** Fields of a container that never decide where its pod may run. */
export const NEUTRAL_CONTAINER_FIELDS: ReadonlySet<string> = new Set([
  'args',
  'command',
  'env',
  'envFrom',
  'image',
  'imagePullPolicy',
  'lifecycle',
  'livenessProbe',
  'name',
  'readinessProbe',
  'resizePolicy',
  'restartPolicyRules',
  'securityContext',
  'startupProbe',
  'stdin',
  'stdinOnce',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'tty',
  'volumeDevices',
  'volumeMounts',
  'workingDir',
])
/** Fields of a container that are read here or by readPodRequest. */
export const SUPPORTED_CONTAINER_FIELDS: ReadonlySet<string> = new Set(['ports', 'resources', 'restartPolicy'])
const TOLERATION_OPERATORS: ReadonlySet<string | undefined> = new Set([undefined, '', 'Equal', 'Exists'])

function unsupportedOfContainer(container: Container): string | null {
  for (const [field, value] of Object.entries(container)) {
    if (isEmpty(value) || NEUTRAL_CONTAINER_FIELDS.has(field) || SUPPORTED_CONTAINER_FIELDS.has(field)) continue
    return field
  }
  return null
}

/** An empty value says the same as none. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true
  return typeof value === 'object' && Object.values(value).every(isEmpty)
}
