import type { Job, Kind, Namespace, Pod } from '../../objects.ts'
import { frozenCopy, withFields } from '../store/immutable.ts'
import { type StoredObject, typed } from '../store/storedObject.ts'

type JobSpec = NonNullable<Job['spec']>
type PodSpec = NonNullable<Pod['spec']>

export const KINDS_WITH_STATUS: ReadonlySet<Kind> = new Set<Kind>([
  'Job',
  'Pod',
  'Node',
  'Namespace',
  'Queue',
  'SchedulingPolicy',
  'ResourceQuota',
  'PodDisruptionBudget',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'ResourceClaim',
  'CustomResourceDefinition',
])

/** Kinds whose metadata.generation counts the changes of their spec. */
export const KINDS_WITH_GENERATION: ReadonlySet<Kind> = new Set<Kind>([
  'Job',
  'Pod',
  'Queue',
  'SchedulingPolicy',
  'PodDisruptionBudget',
  'CustomResourceDefinition',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
])

const POD_DEFAULTS: Partial<PodSpec> = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
  enableServiceLinks: true,
  dnsPolicy: 'ClusterFirst',
}

/** The fields the API server fills in where they matter to anybody here, and the status an object begins with. */
export function withDefaults(kind: Kind, object: StoredObject): StoredObject {
  switch (kind) {
    case 'Job':
      return jobWithDefaults(object, typed('Job', object))
    case 'Pod':
      return podWithDefaults(object, typed('Pod', object))
    case 'Namespace':
      return namespaceWithDefaults(object, typed('Namespace', object))
    case 'ResourceQuota':
      // What the quota controller would write a moment later: from then on the quota is enforced.
      return withFields(object, { status: Object.freeze({ hard: typed('ResourceQuota', object).spec?.hard }) })
    case 'Node':
      // A kubelet registers its node together with the node's status.
      return object
    default:
      return KINDS_WITH_STATUS.has(kind) && object.status !== undefined
        ? withFields(object, { status: undefined })
        : object
  }
}

function jobWithDefaults(object: StoredObject, { spec, metadata }: Job): StoredObject {
  const template = spec?.template ?? {}
  const ownLabels = {
    'batch.kubernetes.io/controller-uid': metadata.uid as string,
    'batch.kubernetes.io/job-name': metadata.name as string,
    'controller-uid': metadata.uid as string,
    'job-name': metadata.name as string,
  }
  const isCounted = spec?.completions !== undefined || spec?.parallelism !== undefined
  const defaults: Partial<JobSpec> = {
    parallelism: 1,
    ...(!isCounted && { completions: 1 }),
    completionMode: 'NonIndexed',
    backoffLimit: 6,
    suspend: false,
    podReplacementPolicy: spec?.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid as string } },
  }
  const fullSpec = {
    ...defaults,
    ...spec,
    template: {
      ...template,
      metadata: { ...template.metadata, labels: { ...ownLabels, ...template.metadata?.labels } },
      spec: { ...POD_DEFAULTS, ...template.spec },
    },
  }
  return withFields(object, { spec: frozenCopy(fullSpec), status: Object.freeze({}) })
}

function podWithDefaults(object: StoredObject, { spec }: Pod): StoredObject {
  return withFields(object, {
    spec: Object.freeze({ ...POD_DEFAULTS, ...spec }),
    status: Object.freeze({ phase: 'Pending', qosClass: 'Burstable' }),
  })
}

function namespaceWithDefaults(object: StoredObject, { metadata }: Namespace): StoredObject {
  const labels = Object.freeze({ ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name as string })
  return withFields(object, {
    metadata: withFields(object.metadata, { labels }),
    spec: frozenCopy({ finalizers: ['kubernetes'] }),
    status: frozenCopy({ phase: 'Active' }),
  })
}
