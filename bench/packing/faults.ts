import type { TraceDemand, TraceNode } from '../../bin/replay/trace.ts'
import type { PackedPod } from './pack.ts'

/** What about a packing cannot be, counted from the trace alone; empty: nothing. */
export function faultsOf(
  nodes: readonly TraceNode[],
  asked: readonly TraceDemand[],
  packed: readonly PackedPod[],
): string[] {
  const faults: string[] = []
  const left = new Map(nodes.map((node) => [node.name, emptied(node)]))
  const waiting = new Map(asked.map((pod) => [pod.name, pod]))
  for (const { pod, node: name, devices } of packed) {
    const node = left.get(name)
    if (waiting.get(pod.name) !== pod) faults.push(`${pod.name} is there twice, or nobody asked for it`)
    waiting.delete(pod.name)
    if (node === undefined) faults.push(`${pod.name} is on ${name}, which is no node`)
    else faults.push(...take(node, pod, devices))
  }
  return faults
}

type Left = ReturnType<typeof emptied>

function emptied({ name, cpuMilli, memoryMiB, gpus, model }: TraceNode) {
  return { name, cpuMilli, memoryMiB, model, thousandths: Array.from({ length: gpus }, () => 1000) }
}

function take(node: Left, pod: TraceDemand, devices: readonly number[]): string[] {
  const faults: string[] = []
  if (new Set(devices).size !== pod.gpus) faults.push(`${pod.name} asks ${pod.gpus} GPUs and has ${devices.join(';')}`)
  if (pod.gpus > 0 && pod.models.length > 0 && !pod.models.includes(node.model ?? '')) {
    faults.push(`${pod.name} takes ${pod.models.join('|')} and is on ${node.name}, which has ${node.model}`)
  }
  node.cpuMilli -= pod.cpuMilli
  node.memoryMiB -= pod.memoryMiB
  if (node.cpuMilli < 0 || node.memoryMiB < 0) faults.push(`${node.name} has no CPU or memory left for ${pod.name}`)
  for (const device of devices) {
    const free = (node.thousandths[device] ?? 0) - pod.gpuMilli
    node.thousandths[device] = free
    if (free < 0) faults.push(`${node.name} has no ${pod.gpuMilli} left of GPU ${device} for ${pod.name}`)
  }
  return faults
}
