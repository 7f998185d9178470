import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import type { TraceNode } from './trace.ts'

/** MiB of one device, from the makers' data sheets; the trace hides what G2 and G3 are. */
const MEMORY_OF_MODEL_MIB: Record<string, number> = {
  A10: 24_576,
  G2: 16_384,
  G3: 32_768,
  P100: 16_384,
  T4: 16_384,
  V100M16: 16_384,
  V100M32: 32_768,
}
const UNKNOWN_MODEL_MEMORY_MIB = 16_384

/** A node of the trace for the simulated cluster; nodes of one model are one pool. */
export function simulatedNode({ name, cpuMilli, memoryMiB, gpus, model }: TraceNode): SimulatedNode {
  return {
    name,
    pool: model === null ? 'cpu' : model.toLowerCase(),
    gpuModel: model,
    gpuCount: gpus,
    gpuMemoryMiB: model === null ? 0 : (MEMORY_OF_MODEL_MIB[model] ?? UNKNOWN_MODEL_MEMORY_MIB),
    cpuMilli,
    memoryMiB,
  }
}
