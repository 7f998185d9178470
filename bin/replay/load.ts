import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import type { TraceNode, TracePod } from './trace.ts'

/** How much of the trace is replayed, and how hard it presses. */
export interface LoadOptions {
  /** Every how manieth node is there; 1: all. */
  nodesEvery: number
  /** Longer runs are cut to this. */
  maxRunSeconds: number | null
  /** GPU-seconds asked, over GPUs × span of arrivals; null: arrivals as they were. */
  load: number | null
  /** Only the first so many pods. */
  limit: number | null
}

export interface Workload {
  nodes: SimulatedNode[]
  /** By time of creation, then row. */
  pods: TracePod[]
}

/** MiB of one device, from the makers' data sheets; the trace hides what G2 and G3 are. */
const MEMORY_OF_MODEL: Record<string, number> = {
  A10: 24_576,
  G2: 16_384,
  G3: 32_768,
  P100: 16_384,
  T4: 16_384,
  V100M16: 16_384,
  V100M32: 32_768,
}
const UNKNOWN_MODEL_MEMORY_MIB = 16_384

/** The loaded form of a trace: fewer nodes, capped runs, and arrivals pressed together evenly. */
export function loadTrace(nodes: readonly TraceNode[], pods: readonly TracePod[], options: LoadOptions): Workload {
  const kept = nodes.filter((_, index) => index % options.nodesEvery === 0)
  const capped = pods.slice(0, options.limit ?? pods.length).map((pod) => ({
    ...pod,
    runSeconds: Math.min(pod.runSeconds, options.maxRunSeconds ?? Number.POSITIVE_INFINITY),
  }))
  const gpus = kept.reduce((sum, node) => sum + node.gpus, 0)
  const arriving = options.load === null ? capped : pressTogether(capped, gpus, options.load)
  return {
    nodes: kept.map(simulatedNode),
    pods: arriving.sort((a, b) => a.createdSeconds - b.createdSeconds || a.row - b.row),
  }
}

/** Scales the time between arrivals until what is asked is `load` times what the GPUs give while jobs arrive. */
function pressTogether(pods: readonly TracePod[], gpus: number, load: number): TracePod[] {
  const times = pods.map(({ createdSeconds }) => createdSeconds)
  const first = Math.min(...times)
  const span = Math.max(...times) - first
  const gpuSeconds = pods.reduce((sum, pod) => sum + (pod.gpus * pod.gpuMilli * pod.runSeconds) / 1000, 0)
  const factor = span === 0 || gpus === 0 ? 1 : gpuSeconds / (load * gpus) / span
  return pods.map((pod) => ({ ...pod, createdSeconds: Math.floor((pod.createdSeconds - first) * factor) }))
}

function simulatedNode({ name, cpuMilli, memoryMiB, gpus, model }: TraceNode): SimulatedNode {
  return {
    name,
    pool: model === null ? 'cpu' : model.toLowerCase(),
    gpuModel: model,
    gpuCount: gpus,
    gpuMemoryMiB: model === null ? 0 : (MEMORY_OF_MODEL[model] ?? UNKNOWN_MODEL_MEMORY_MIB),
    cpuMilli,
    memoryMiB,
  }
}
