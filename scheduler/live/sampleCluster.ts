import { sampled } from '../../platform/telemetry/metrics.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import type { Ledger } from './ledger.ts'
import { Sums } from './sampleQueues.ts'
import type { ReplicaRole } from './schedulerMetrics.ts'

/** Has nodes and their devices told whenever somebody asks. @returns take it back */
export function sampleCluster(ledger: Ledger, replicaRole: () => ReplicaRole): (() => void)[] {
  return [
    sampled('sluice_cluster_nodes', (sample) => {
      const sums = new Sums(sample)
      for (const { spec } of ledger.snapshot.nodes.values()) {
        const state = spec.accepting ? 'schedulable' : 'unschedulable'
        sums.add(1, { pool: spec.flavor, state, replica_role: replicaRole() })
      }
      sums.tell()
    }),
    sampled('sluice_cluster_gpus', (sample) => {
      const sums = new Sums(sample)
      const heldByPods = thousandthsHeldByPods(ledger)
      for (const { spec } of ledger.snapshot.nodes.values()) {
        const gpu_model = spec.devices[0]?.model
        if (gpu_model === undefined) continue
        const usable = spec.accepting ? spec.devices.filter(({ healthy }) => healthy).length : 0
        const allocated = (heldByPods.get(spec.name) ?? 0) / WHOLE_DEVICE
        const free = Math.max(0, usable - allocated)
        const labels = { pool: spec.flavor, gpu_model, replica_role: replicaRole() }
        sums.add(allocated, { ...labels, state: 'allocated' })
        sums.add(free, { ...labels, state: 'free' })
        sums.add(Math.max(0, spec.devices.length - allocated - free), { ...labels, state: 'unavailable' })
      }
      sums.tell()
    }),
    sampled('sluice_cluster_largest_free_block_gpus', (sample) => {
      const largest = new Map<string, number>()
      for (const { spec, usedThousandths } of ledger.snapshot.nodes.values()) {
        const gpu_model = spec.devices[0]?.model
        if (gpu_model === undefined) continue
        const free = spec.devices.filter(({ healthy }, position) => healthy && usedThousandths[position] === 0)
        largest.set(gpu_model, Math.max(largest.get(gpu_model) ?? 0, spec.accepting ? free.length : 0))
      }
      for (const [gpu_model, gpus] of largest) sample(gpus, { gpu_model, replica_role: replicaRole() })
    }),
  ]
}

/** By node; slots that wait for their pods do not count yet, as they do not in the graph's list of GPUs. */
function thousandthsHeldByPods(ledger: Ledger): Map<string, number> {
  const held = new Map<string, number>()
  for (const entry of ledger.entries.values()) {
    for (const { node, holding, by } of entry.held.values()) {
      if (by !== null || holding.gpu === null) continue
      const devices = typeof holding.gpu.devices === 'number' ? holding.gpu.devices : holding.gpu.devices.length
      held.set(node, (held.get(node) ?? 0) + devices * holding.gpu.thousandths)
    }
  }
  return held
}
