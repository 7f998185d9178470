import { sampled } from '../../platform/telemetry/metrics.ts'
import { gpuThousandths } from '../model/gang.ts'
import { isGang } from '../model/job.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import { LASTING_CODES, type PendingCode } from '../model/pending.ts'
import { ANY_FLAVOR, type QueueState } from '../model/queue.ts'
import type { Explanation } from '../plan/plan.ts'
import { admissionOf, type JobEntry } from './jobEntry.ts'
import type { Ledger } from './ledger.ts'
import type { ReplicaRole } from './schedulerMetrics.ts'

/**
 * Has the queues and what waits in them told whenever somebody asks, by one walk over the ledger for each
 * metric: asked every few seconds that is nothing, kept up to date by every change it would be a second ledger.
 * @returns take it back
 */
export function sampleQueues(
  ledger: Ledger,
  explanations: () => readonly Explanation[],
  replicaRole: () => ReplicaRole,
): (() => void)[] {
  function* waiting(): Iterable<{ entry: JobEntry; code: PendingCode | undefined }> {
    const codes = new Map(
      explanations().flatMap(({ jobs, cause }) => jobs.map(({ uid }) => [uid, cause.code] as const)),
    )
    for (const entry of ledger.entries.values()) {
      const { read, tenantId, uid } = entry
      const waits = read !== null && tenantId !== null && !read.isOver && admissionOf(entry) === null
      if (waits) yield { entry, code: codes.get(uid) }
    }
  }
  const statusOf = (code: PendingCode | undefined) =>
    code !== undefined && LASTING_CODES.has(code) ? 'inadmissible' : 'active'

  return [
    sampled('sluice_pending_workloads', (sample) => {
      const replica_role = replicaRole()
      const sums = new Sums(sample)
      // A queue in which nothing waits says so: an alert on it must have a series to end on.
      for (const queue of ledger.snapshot.queues.keys()) sums.add(0, { queue, status: 'active', replica_role })
      for (const { entry, code } of waiting()) sums.add(1, { queue: entry.queue, status: statusOf(code), replica_role })
      sums.tell()
    }),
    sampled('sluice_pending_gpus', (sample) => {
      const sums = new Sums(sample)
      for (const { entry, code } of waiting()) {
        const demand = entry.read?.demand
        if (demand === undefined || !isGang(demand) || demand.pod.gpu === null) continue
        const gpus = (demand.slots * gpuThousandths(demand.pod)) / WHOLE_DEVICE
        const gpu_model = [...demand.pod.gpu.models].sort().join('+') || 'any'
        sums.add(gpus, { queue: entry.queue, gpu_model, status: statusOf(code), replica_role: replicaRole() })
      }
      sums.tell()
    }),
    sampled('sluice_unschedulable_workloads', (sample) => {
      const sums = new Sums(sample)
      for (const { code } of waiting()) if (code) sums.add(1, { reason: code, replica_role: replicaRole() })
      sums.tell()
    }),
    sampled('sluice_admitted_workloads', (sample) => {
      const replica_role = replicaRole()
      const sums = new Sums(sample)
      for (const queue of ledger.snapshot.queues.keys()) sums.add(0, { queue, replica_role })
      for (const entry of ledger.entries.values()) {
        if (admissionOf(entry) !== null) sums.add(1, { queue: entry.queue, replica_role })
      }
      sums.tell()
    }),
    sampled('sluice_queue_used_gpus', (sample) => {
      const sums = new Sums(sample)
      for (const { queue, held } of ledger.entries.values()) {
        for (const { node, holding } of held.values()) {
          if (holding.gpu === null || queue === '') continue
          const devices = typeof holding.gpu.devices === 'number' ? holding.gpu.devices : holding.gpu.devices.length
          const gpu_model = ledger.nodes.spec(node)?.devices[0]?.model ?? 'unknown'
          const gpus = (devices * holding.gpu.thousandths) / WHOLE_DEVICE
          sums.add(gpus, { queue, gpu_model, replica_role: replicaRole() })
        }
      }
      sums.tell()
    }),
    sampled('sluice_queue_nominal_gpus', (sample) => {
      for (const [queue, { spec }] of ledger.snapshot.queues) {
        for (const { flavor, nominalQuota } of gpuQuotas(spec)) {
          sample(nominalQuota / WHOLE_DEVICE, { queue, flavor, replica_role: replicaRole() })
        }
      }
    }),
    sampled('sluice_queue_borrowed_gpus', (sample) => {
      const { queues } = ledger.snapshot
      for (const [queue, { spec }] of queues) {
        const quotas = gpuQuotas(spec)
        if (quotas.length === 0) continue
        const borrowed = quotas.reduce(
          (sum, { flavor, nominalQuota }) => sum + Math.max(0, subtreeUsage(queues, queue, flavor) - nominalQuota),
          0,
        )
        sample(borrowed / WHOLE_DEVICE, { queue, replica_role: replicaRole() })
      }
    }),
  ]
}

function gpuQuotas(spec: QueueState['spec']) {
  return spec.quotas.filter(({ resource }) => resource === 'GPU')
}

/** Thousandths of GPUs that the queue and all below it hold in a flavor. */
function subtreeUsage(queues: ReadonlyMap<string, QueueState>, root: string, flavor: string): number {
  let used = 0
  for (const [name, { usage }] of queues) {
    if (!isBelow(queues, name, root)) continue
    for (const [each, { GPU }] of usage) if (flavor === ANY_FLAVOR || each === flavor) used += GPU
  }
  return used
}

/** A queue may hang on itself: no more steps up than there are queues. */
function isBelow(queues: ReadonlyMap<string, QueueState>, name: string, root: string): boolean {
  let at: string | null = name
  for (let steps = 0; at !== null && steps <= queues.size; steps++) {
    if (at === root) return true
    at = queues.get(at)?.spec.parent ?? null
  }
  return false
}

/** Adds up by labels, and tells each sum once. */
export class Sums<L extends Record<string, string>> {
  readonly #sample: (value: number, labels: L) => void
  readonly #sums = new Map<string, { value: number; labels: L }>()

  constructor(sample: (value: number, labels: L) => void) {
    this.#sample = sample
  }

  add(value: number, labels: L): void {
    const key = Object.values(labels).join('\n')
    const sum = this.#sums.get(key)
    if (sum === undefined) this.#sums.set(key, { value, labels })
    else sum.value += value
  }

  tell(): void {
    for (const { value, labels } of this.#sums.values()) this.#sample(value, labels)
  }
}
