import { gpuSecondsOf, type Workload } from '../../bin/replay/load.ts'
import type { TraceClass, TracePod } from '../../bin/replay/trace.ts'
import type { Served } from './replay.ts'

const CLASSES: readonly TraceClass[] = ['INFERENCE', 'INTERACTIVE', 'TRAINING', 'BATCH']

/** Of one replay. Waits are in seconds, the others in per cent of the GPUs. */
export function figuresOf({ nodes, pods }: Workload, served: readonly Served[]) {
  const gpus = nodes.reduce((sum, { gpuCount }) => sum + gpuCount, 0)
  const first = pods[0]?.createdSeconds ?? 0
  const lastArrival = pods.at(-1)?.createdSeconds ?? 0
  const lastEnd = served.reduce((most, { pod, startedSeconds }) => Math.max(most, startedSeconds + pod.runSeconds), 0)
  const waitsOf = (isMeant: (pod: TracePod) => boolean) => waits(served.filter(({ pod }) => isMeant(pod)))
  return {
    served: served.length,
    neverStarted: pods.length - served.length,
    wait: {
      all: waitsOf(() => true),
      ...Object.fromEntries(CLASSES.map((name) => [name, waitsOf((pod) => pod.class === name)])),
      severalGpus: waitsOf((pod) => pod.gpus > 1),
    },
    /** While pods come. */
    allocated: percent(allocatedGpuSeconds(served, first, lastArrival) / (gpus * (lastArrival - first))),
    /** Σ(request × run time) ÷ (capacity × makespan): nobody is stopped, so all that was allocated was of use. */
    usefulUtilisation: percent(gpuSecondsOf(served.map(({ pod }) => pod)) / (gpus * (lastEnd - first))),
    makespanSeconds: lastEnd - first,
  }
}

function waits(served: readonly Served[]) {
  const sorted = served.map(({ pod, startedSeconds }) => startedSeconds - pod.createdSeconds).toSorted((a, b) => a - b)
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
  const mean = sorted.reduce((sum, wait) => sum + wait, 0) / Math.max(1, sorted.length)
  return { pods: sorted.length, mean: Math.round(mean), p50: at(0.5), p99: at(0.99), max: at(1) }
}

function allocatedGpuSeconds(served: readonly Served[], from: number, to: number): number {
  const within = ({ pod, startedSeconds }: Served) =>
    Math.max(0, Math.min(to, startedSeconds + pod.runSeconds) - Math.max(from, startedSeconds))
  return gpuSecondsOf(served.map((one) => ({ ...one.pod, runSeconds: within(one) })))
}

function percent(part: number): number {
  return Math.round(part * 10_000) / 100
}
