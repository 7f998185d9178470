import { type Binding, type Cluster, ClusterError, gone } from '../../kubernetes/cluster.ts'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { toSecondsTimestamp } from '../../platform/clock.ts'
import { isGang } from '../model/job.ts'
import { type NodeSpec, WHOLE_DEVICE } from '../model/node.ts'
import { admissionOf, grantedAtMs, hasComeUp, type JobEntry, placeOf } from './jobEntry.ts'
import type { ReadAdmission } from './readJob.ts'
import type { ReadPod } from './readPod.ts'
import type { Writes } from './writes.ts'

/** Times that a Binding is repeated for a pod that others keep writing to. */
const MAX_ATTEMPTS = 5

/** `lost`: the pod is gone, or somebody else has bound it, which the watch will tell. `unsettled`: worth another try later. */
export type BindOutcome = 'bound' | 'lost' | 'unsettled'

/**
 * Binds the pod, with its preconditions. An answer that was lost comes back as a CONFLICT: the pod is
 * read again then, and says whose it is.
 */
export async function bindPod(cluster: Cluster, writes: Writes, binding: Binding): Promise<BindOutcome> {
  let attempt = binding
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
    try {
      await writes.run('bind pod', () => cluster.bind(attempt))
      return 'bound'
    } catch (error) {
      if (!(error instanceof ClusterError) || !['CONFLICT', 'NOT_FOUND'].includes(error.code)) throw error
    }
    const pod = await readPodAgain(cluster, writes, binding)
    if (pod === null || pod.metadata.deletionTimestamp !== undefined) return 'lost'
    if (pod.spec?.nodeName !== undefined) return isBoundAs(pod, binding) ? 'bound' : 'lost'
    attempt = { ...binding, resourceVersion: pod.metadata.resourceVersion ?? '' }
  }
  return 'unsettled'
}

function isBoundAs({ spec, metadata }: Pod, binding: Binding): boolean {
  const slot = metadata.annotations?.[annotations.slot]
  return spec?.nodeName === binding.node && slot === binding.annotations[annotations.slot]
}

/**
 * null where the slot's node, or a device of it, is not there any more.
 * @param epoch the present one, which may be later than that of the admission
 */
export function bindingOf(
  entry: JobEntry,
  pod: ReadPod,
  slot: number,
  node: NodeSpec | undefined,
  epoch: number,
): Binding | null {
  const admission = admissionOf(entry)
  const place = placeOf(entry, slot)
  const demand = entry.read?.demand
  if (admission === null || place === undefined || demand === undefined || !isGang(demand)) return null
  const devices = place.devices.map((index) => node?.devices.find((device) => device.index === index))
  if (node === undefined || devices.includes(undefined)) return null
  const share = String((demand.pod.gpu?.thousandths ?? 0) / 1000)
  const isShare = (demand.pod.gpu?.thousandths ?? WHOLE_DEVICE) < WHOLE_DEVICE
  const about = { share, ...(isShare && { enforcement: node.shareEnforcement ?? 'NONE' }) }
  const list = devices.map((device) => ({ index: device?.index, uuid: device?.uuid, model: device?.model, ...about }))
  return {
    namespace: pod.namespace,
    pod: pod.name,
    node: place.node,
    uid: pod.uid,
    resourceVersion: pod.resourceVersion,
    annotations: {
      [annotations.slot]: String(slot),
      [annotations.devices]: JSON.stringify(list),
      [annotations.admittedAt]: toSecondsTimestamp(heldSinceMs(entry, slot, admission, epoch)),
      [annotations.epoch]: String(epoch),
      [labels.queue]: entry.queue,
      ...(entry.group && { [annotations.groupTurn]: String(entry.group.turn) }),
    },
  }
}

/**
 * From when the pod holds its slot: from the admission on, or from where the slot's last pod ended. Where that pod is no
 * longer known, its successor's creation is surely not before its end; and that may be any pod of the job, since any
 * takes any slot where they have no index. Whether there was one nobody can say of an earlier term's admission: a
 * disrupted pod leaves no count. A second that might be charged twice is rather not charged.
 */
function heldSinceMs(entry: JobEntry, slot: number, admission: ReadAdmission, presentEpoch: number): number {
  const freedMs = entry.slotFreedMs.get(slot)
  const knownMs = Math.max(grantedAtMs(admission, slot), freedMs ?? 0)
  const isReplacement = freedMs === undefined && hasComeUp(entry) && entry.read?.hasEndedPods === true
  if (!isReplacement && admission.epoch === presentEpoch) return knownMs
  return Math.max(knownMs, ...Array.from(entry.pods.values(), ({ createdMs }) => createdMs))
}

/** null: it is gone, or another one has its name. */
export async function readPodAgain(
  cluster: Cluster,
  writes: Writes,
  { namespace, pod, uid }: Binding,
): Promise<Pod | null> {
  const found = await writes.run('get pod', () => cluster.get('Pod', { namespace, name: pod })).catch(gone)
  return found?.metadata.uid === uid ? found : null
}
