import type { Binding, Ref } from '../../cluster.ts'
import type { Pod } from '../../objects.ts'
import { withCondition } from '../conditions.ts'
import { frozenCopy, withFields } from '../store/immutable.ts'
import { conflict } from '../store/refusals.ts'
import { nameOf, typed } from '../store/storedObject.ts'
import { deleteObject } from './deletion.ts'
import { type Machine, timestamp } from './machine.ts'
import { checkPolicies } from './policies.ts'
import { getObject, updateStatus } from './writes.ts'

/** pods/binding: the node, the annotations and the PodScheduled condition in one write. */
export function bindPod(machine: Machine, binding: Binding): void {
  const live = getObject(machine, 'Pod', { namespace: binding.namespace, name: binding.pod })
  const { spec, status, metadata } = typed('Pod', live)
  const name = nameOf(live)
  const annotations = frozenCopy(binding.annotations)
  const object = withFields(live, { metadata: withFields(live.metadata, { annotations }) })
  checkPolicies(machine, { kind: 'Pod', object, before: null, isBinding: true })
  if (binding.uid !== metadata.uid)
    throw conflict('Pod', name, `UID in precondition: ${binding.uid}, in the pod: ${metadata.uid}`)
  if (binding.resourceVersion !== undefined && binding.resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      'Pod',
      name,
      `ResourceVersion in precondition: ${binding.resourceVersion}, in the pod: ${metadata.resourceVersion}`,
    )
  }
  if (metadata.deletionTimestamp !== undefined) {
    throw conflict('Pod', name, `pod ${name} is being deleted, cannot be assigned to a host`)
  }
  if (spec?.nodeName) throw conflict('Pod', name, `pod ${name} is already assigned to node "${spec.nodeName}"`)
  if (spec?.schedulingGates?.length) throw conflict('Pod', name, `pod ${name} has non-empty .spec.schedulingGates`)
  machine.store.put(
    'Pod',
    withFields(live, {
      metadata: withFields(live.metadata, { annotations: Object.freeze({ ...metadata.annotations, ...annotations }) }),
      spec: withFields(spec as object, { nodeName: binding.node }),
      status: withPodCondition(status, { type: 'PodScheduled', status: 'True' }, timestamp(machine)),
    }),
  )
}

/** pods/eviction where no disruption budget speaks against it; the simulated cluster has none. */
export function evictPod(machine: Machine, ref: Ref): void {
  const live = getObject(machine, 'Pod', ref)
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  updateStatus(machine, 'Pod', live, withPodCondition(typed('Pod', live).status, condition, timestamp(machine)))
  deleteObject(machine, 'Pod', ref)
}

function withPodCondition(
  status: Pod['status'],
  condition: { type: string; status: string; reason?: string; message?: string },
  now: string,
): object {
  return withFields(status ?? {}, { conditions: withCondition(status?.conditions, condition, now) })
}
