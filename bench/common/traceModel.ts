import { simulatedNode } from '../../bin/replay/nodes.ts'
import type { TraceDemand, TraceNode } from '../../bin/replay/trace.ts'
import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import { type Gang, gangOf } from '../../scheduler/model/gang.ts'
import type { NodeSpec } from '../../scheduler/model/node.ts'

/** A node of the trace as plans see it; those of one model are one flavor. */
export function nodeSpecOf(node: TraceNode): NodeSpec {
  return specOf(simulatedNode(node))
}

export function specOf({ name, pool, gpuModel, gpuCount, gpuMemoryMiB, cpuMilli, memoryMiB }: SimulatedNode): NodeSpec {
  const devices = Array.from({ length: gpuCount }, (_, index) => {
    return { index, uuid: `${name}/${index}`, model: gpuModel ?? '', memoryMiB: gpuMemoryMiB, healthy: true }
  })
  const rest = { accepting: true, labels: {}, taints: [], deviceControl: 'SIMULATED' as const, pods: 256 }
  return { name, flavor: pool, cpuMilli, memoryMiB, devices, ...rest }
}

/** One gang for all pods that ask the same. */
export function gangFor(pod: TraceDemand, known: Map<string, Gang>): Gang {
  const { cpuMilli, memoryMiB, gpus, gpuMilli, models } = pod
  const key = `${cpuMilli} ${memoryMiB} ${gpus} ${gpuMilli} ${models.join('|')}`
  let gang = known.get(key)
  if (gang === undefined) {
    const gpu = gpus === 0 ? null : { count: gpus, thousandths: gpuMilli, memoryMiB: 0, models }
    gang = gangOf(1, { cpuMilli, memoryMiB, gpu, nodeSelector: {}, tolerations: [] })
    known.set(key, gang)
  }
  return gang
}
