import type { PodRequest } from '../model/gang.ts'
import { isGang } from '../model/job.ts'
import type { Holding, NodeSpec } from '../model/node.ts'
import { othersInWords } from '../model/others.ts'
import { admissionOf, type JobEntry, unfilledSlots } from './jobEntry.ts'

/** Why an admission cannot stand. */
export interface Trouble {
  readonly reason: TroubleReason
  readonly message: string
  readonly fix: string
  /** Node that turned a pod away, and that is left alone for a while. */
  readonly avoid?: string
}

export type TroubleReason =
  /** Unsuspended by somebody else, or with an assignment that cannot be read or is not this gang's. */
  | 'NotAdmitted'
  /** A slot that needs a pod is on a node or device that is gone, down, cordoned or unhealthy. */
  | 'NodeLost'
  | 'KubeletRejected'
  /** A pod or slot of it is on a node that the cluster's policy drains. */
  | 'NodeDrained'
  /** Its queue, or one above it, has the stop policy HoldAndDrain. */
  | 'QueueDrained'
  /** Stopped for a job that goes before it. */
  | 'Preempted'
  /** A pod of it runs where Sluice did not put it. */
  | 'ForeignBinding'
  /** A pod asks more than its template, and would not fit where the template does. */
  | 'PodLargerThanTemplate'
  | 'PodsNotCreated'
  /** A volume that its pods use cannot be used where they are to be. */
  | 'VolumeElsewhere'
  /** A volume that waited for its first consumer did not come. */
  | 'VolumeNotBound'
  /** A device was given to two; this is the one that has no pod on it yet. */
  | 'AssignmentConflict'
  /** A claim of a pod cannot be given the devices of its place. */
  | 'ClaimUnusable'

/** What is known of where jobs run and what they are counted in. */
export interface Surroundings {
  readonly nodes: { spec(name: string): NodeSpec | undefined; isDrained(name: string): boolean }
  readonly queues: { drainedBy(queue: string): string | null }
}

/**
 * What is wrong with the way an unsuspended Job stands, as far as it can be seen now; null: nothing.
 */
export function troubleOf(entry: JobEntry, { nodes, queues }: Surroundings): Trouble | null {
  const demand = entry.read?.demand
  const admission = admissionOf(entry)
  const given = admission?.assignment.slots.length ?? 0
  const isWhole = demand !== undefined && isGang(demand) && given === entry.read?.count && given >= demand.slots
  if (admission === null || !isWhole) {
    return {
      reason: 'NotAdmitted',
      message: 'It was unsuspended without an assignment of the scheduler.',
      fix: 'Leave spec.suspend to the scheduler.',
    }
  }
  const drainedBy = queues.drainedBy(entry.queue)
  if (drainedBy !== null) {
    return {
      reason: 'QueueDrained',
      message: `Queue ${drainedBy} is being drained.`,
      fix: `It starts again once the stopPolicy of queue ${drainedBy} is None.`,
    }
  }
  const { slots } = admission.assignment
  const drained = slots.find(({ node }) => nodes.isDrained(node))
  if (drained !== undefined) {
    return {
      reason: 'NodeDrained',
      message: `Node ${drained.node} is being drained.`,
      fix: 'Nothing needs doing: it is given other places as soon as there are some.',
    }
  }
  for (const slot of unfilledSlots(entry)) {
    const place = slots[slot]
    const node = place && nodes.spec(place.node)
    const isUsable = (index: number) => node?.devices.some((device) => device.index === index && device.healthy)
    if (node?.accepting && place?.devices.every(isUsable)) continue
    return {
      reason: 'NodeLost',
      message: `Node ${place?.node}, on which its slot ${slot} has no pod, is lost, takes no pods or has a broken GPU.`,
      fix: 'Nothing needs doing: it is given other places as soon as there are some.',
    }
  }
  for (const pod of entry.pods.values()) {
    if (pod.rejection !== null && (pod.admittedAtMs ?? 0) >= admission.admittedAtMs) {
      return {
        reason: 'KubeletRejected',
        message: `Node ${pod.node} turned its pod ${pod.name} away: ${pod.rejection}.`,
        fix: 'Nothing needs doing: it is tried elsewhere. If it goes on, have the node looked at.',
        ...(pod.node !== null && { avoid: pod.node }),
      }
    }
    if (pod.hasEnded) continue
    if (pod.node !== null && (pod.slot === null || slots[pod.slot]?.node !== pod.node)) {
      return {
        reason: 'ForeignBinding',
        message: `Its pod ${pod.name} was bound to node ${pod.node} by somebody else.`,
        fix: 'Leave spec.nodeName and Bindings of its pods to the scheduler.',
      }
    }
    if (pod.isCandidate && asksMore(pod.holding, demand.pod)) {
      return {
        reason: 'PodLargerThanTemplate',
        message: `Its pod ${pod.name} asks for ${asked(pod.holding)}, and its template for ${asked(demand.pod)}.`,
        fix: 'Ask in the template for what the namespace’s LimitRange or admission adds.',
      }
    }
  }
  return null
}

type Asked = Pick<PodRequest, 'cpuMilli' | 'memoryMiB' | 'others'>

function asksMore({ cpuMilli, memoryMiB, gpu, others }: Holding, template: PodRequest): boolean {
  const gpus = typeof gpu?.devices === 'number' ? gpu.devices : 0
  if (Object.entries(others ?? {}).some(([name, amount]) => amount > (template.others?.[name] ?? 0))) return true
  return cpuMilli > template.cpuMilli || memoryMiB > template.memoryMiB || gpus > (template.gpu?.count ?? 0)
}

function asked({ cpuMilli, memoryMiB, others }: Asked): string {
  return [`${cpuMilli / 1000} CPUs`, `${memoryMiB} MiB`, ...othersInWords(others)].join(' and ')
}
