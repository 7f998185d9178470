import type { SimulatedNode } from '../../kubernetes/simulated/kubelet/simulatedNode.ts'
import { SettingsError } from '../settings.ts'
import { simulatedNode } from './nodes.ts'
import type { TraceNode, TracePod } from './trace.ts'

/** How much of the trace is replayed, and how hard it presses. */
export interface LoadOptions {
  /** Every how manieth node is there; 1: all. */
  nodesEvery: number
  /** Longer runs are cut to this. */
  maxRunSeconds: number | null
  /** GPU-seconds asked, over GPUs × span of arrivals; null: arrivals as they were. */
  load: number | null
  /** Only the first so many pods of the file. */
  limit: number | null
}

export interface Workload {
  nodes: SimulatedNode[]
  /** By time of creation, then row. */
  pods: TracePod[]
}

/**
 * The loaded form of a trace: fewer nodes, capped runs, and arrivals pressed together evenly.
 * @throws SettingsError where nothing can give the load asked for
 */
export function loadTrace(nodes: readonly TraceNode[], pods: readonly TracePod[], options: LoadOptions): Workload {
  const { nodesEvery, limit, load } = options
  const maxRunSeconds = options.maxRunSeconds ?? Number.POSITIVE_INFINITY
  const kept = nodes.filter((_, index) => index % nodesEvery === 0)
  const capped = pods
    .slice(0, limit ?? pods.length)
    .map((pod) => ({ ...pod, runSeconds: Math.min(pod.runSeconds, maxRunSeconds) }))
  const gpus = kept.reduce((sum, node) => sum + node.gpus, 0)
  const arriving = load === null ? capped : pressTogether(capped, gpus, load)
  return {
    nodes: kept.map(simulatedNode),
    pods: arriving.sort((a, b) => a.createdSeconds - b.createdSeconds || a.row - b.row),
  }
}

export function gpuSecondsOf(pods: readonly TracePod[]): number {
  return pods.reduce((sum, pod) => sum + (pod.gpus * pod.gpuMilli * pod.runSeconds) / 1000, 0)
}

/** Scales the time between arrivals until what is asked is `load` times what the GPUs give while pods arrive. */
function pressTogether(pods: readonly TracePod[], gpus: number, load: number): TracePod[] {
  const firstSeconds = pods.reduce((least, pod) => Math.min(least, pod.createdSeconds), Number.POSITIVE_INFINITY)
  const lastSeconds = pods.reduce((most, pod) => Math.max(most, pod.createdSeconds), 0)
  const spanSeconds = gpuSecondsOf(pods) / (load * gpus)
  const factor = spanSeconds / (lastSeconds - firstSeconds)
  // Without GPUs, without anything that asks for them, or with all pods at one instant.
  if (!Number.isFinite(factor) || factor === 0) {
    throw new SettingsError(`These nodes and pods cannot give a load of ${load}.`, 'Leave --load out, or take more.')
  }
  return pods.map((pod) => ({ ...pod, createdSeconds: Math.floor((pod.createdSeconds - firstSeconds) * factor) }))
}
