import type {
  NodeObservation,
  Observation,
  PodObservation,
  QueueObservation,
  SnapshotObservation,
} from '../../../platform/link/protocol.ts'

/** A pod, and what it holds. */
export interface HeldDevices {
  uid: string
  tenantId: string
  /** null: holds nothing. */
  node: string | null
  devices: PodObservation['devices']
}

export interface NewestStates {
  nodes: NodeObservation[]
  goneNodes: string[]
  pods: HeldDevices[]
  queues: QueueObservation[]
  snapshot: SnapshotObservation | null
}

/** Records are states: of those about one object only the last one counts. */
export function newestStates(records: readonly Observation[]): NewestStates {
  const nodes = new Map<string, NodeObservation | null>()
  const pods = new Map<string, HeldDevices>()
  const queues = new Map<string, QueueObservation>()
  let snapshot: SnapshotObservation | null = null
  for (const record of records) {
    switch (record.kind) {
      case 'node':
        nodes.set(record.name, record)
        break
      case 'nodeGone':
        nodes.set(record.name, null)
        break
      case 'pod':
        pods.set(record.uid, heldBy(record))
        break
      case 'podGone':
        pods.set(record.uid, { uid: record.uid, tenantId: '', node: null, devices: [] })
        break
      case 'queue':
        queues.set(record.name, record)
        break
      case 'snapshot':
        snapshot = record
        break
    }
  }
  return {
    nodes: [...nodes.values()].filter((node) => node !== null),
    goneNodes: [...nodes].filter(([, node]) => node === null).map(([name]) => name),
    pods: [...pods.values()],
    queues: [...queues.values()],
    snapshot,
  }
}

/** From its binding to its end a pod holds its devices, running or not; a pod that is being deleted still does. */
function heldBy({ uid, tenantId, node, devices, phase, finishedAt }: PodObservation): HeldDevices {
  const holds = node !== null && finishedAt === null && phase !== 'Succeeded' && phase !== 'Failed'
  return holds ? { uid, tenantId, node, devices } : { uid, tenantId, node: null, devices: [] }
}
