import type { Job } from '../../../objects.ts'
import { nameSuffix } from '../../api/identifiers.ts'
import type { Machine } from '../../api/machine.ts'
import { createFrozen } from '../../api/writes.ts'
import { frozenCopy, withFields } from '../../store/immutable.ts'
import type { StoredObject } from '../../store/storedObject.ts'
import { INDEX_KEY, TRACKING_FINALIZER } from './jobPods.ts'

type Template = NonNullable<Job['spec']>['template']
type PodSpec = NonNullable<Template['spec']>

const INDEX_ENV = frozenCopy({
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.annotations['${INDEX_KEY}']` } },
})

/** Pod specs by template: all pods of a Job share what they have in common. */
const indexedSpecs = new WeakMap<Template, PodSpec>()

/**
 * Creates the pod of an index, or of a Job without indexes where it is null.
 * @throws ClusterError as any creation does
 */
export function createJobPod(machine: Machine, job: Job, index: number | null): StoredObject {
  const { metadata, spec } = job
  const template = spec?.template as Template
  const name = freeName(machine, job, index === null ? metadata.name : `${metadata.name}-${index}`)
  const own = template.metadata ?? {}
  const byIndex = index === null ? {} : { [INDEX_KEY]: String(index) }
  const annotations = { ...own.annotations, ...byIndex }
  return createFrozen(machine, 'Pod', {
    metadata: Object.freeze({
      name,
      namespace: metadata.namespace as string,
      labels: Object.freeze({ ...own.labels, ...byIndex }),
      ...(Object.keys(annotations).length > 0 && { annotations: Object.freeze(annotations) }),
      finalizers: Object.freeze([...(own.finalizers ?? []), TRACKING_FINALIZER]) as string[],
      ownerReferences: Object.freeze([ownerReference(job)]) as StoredObject['metadata']['ownerReferences'],
    }) as StoredObject['metadata'],
    spec:
      index === null
        ? (template.spec as PodSpec)
        : withFields(indexedSpec(template), { hostname: `${metadata.name}-${index}` }),
  })
}

function ownerReference({ metadata }: Job) {
  return Object.freeze({
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: metadata.name as string,
    uid: metadata.uid as string,
    controller: true,
    blockOwnerDeletion: true,
  })
}

function freeName(machine: Machine, { metadata }: Job, base: string | undefined): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${base}-${nameSuffix(machine, attempt)}`
    if (machine.store.get('Pod', { namespace: metadata.namespace as string, name }) === undefined) return name
  }
}

function indexedSpec(template: Template): PodSpec {
  let spec = indexedSpecs.get(template)
  if (spec === undefined) {
    const containers = template.spec?.containers.map((container) =>
      Object.freeze({ ...container, env: Object.freeze([...(container.env ?? []), INDEX_ENV]) }),
    )
    spec = withFields(template.spec as PodSpec, { containers: Object.freeze(containers) })
    indexedSpecs.set(template, spec)
  }
  return spec
}
