import type { SimulatedNode } from '../kubernetes/simulated/kubelet/simulatedNode.ts'

/** The default cluster: 16 GPU nodes of 8 GPUs in two pools, and 4 nodes without. */
export function defaultNodes(): SimulatedNode[] {
  return [
    ...pool('h100', 8, { gpuModel: 'H100', gpuCount: 8, gpuMemoryMiB: 81_559, cpuMilli: 96_000, memoryMiB: 1_048_576 }),
    ...pool('a100', 8, { gpuModel: 'A100', gpuCount: 8, gpuMemoryMiB: 81_920, cpuMilli: 96_000, memoryMiB: 1_048_576 }),
    ...pool('cpu', 4, { gpuModel: null, gpuCount: 0, gpuMemoryMiB: 0, cpuMilli: 64_000, memoryMiB: 262_144 }),
  ]
}

function pool(name: string, count: number, shape: Omit<SimulatedNode, 'name' | 'pool'>): SimulatedNode[] {
  return Array.from({ length: count }, (_, index) => ({ ...shape, name: `${name}-${index + 1}`, pool: name }))
}
