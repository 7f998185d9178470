import type { Facts } from '../../../platform/facts/kinds.ts'
import type { PodResources } from '../../../platform/link/protocol.ts'
import { thousandths } from './thousandths.ts'

type Cluster = Facts['cluster']
type Flavor = Cluster['flavors'][number]

/** How many such pods an empty node of this flavor holds. Resources must have passed checkResources. */
export function podsPerNode(flavor: Flavor, { cpu, memoryMiB, gpu }: PodResources): number {
  const byCpu = Math.floor(flavor.cpuMilliPerNode / (thousandths(cpu) ?? Number.POSITIVE_INFINITY))
  const byMemory = Math.floor(flavor.memoryMiBPerNode / memoryMiB)
  return Math.min(byCpu, byMemory, gpu ? podsByGpu(flavor, gpu) : Number.POSITIVE_INFINITY)
}

function podsByGpu(flavor: Flavor, gpu: NonNullable<PodResources['gpu']>): number {
  if (!isModelAccepted(flavor, gpu.models)) return 0
  if (gpu.memoryMiB !== null && gpu.memoryMiB > flavor.gpuMemoryMiB) return 0
  if (gpu.count !== null) return Math.floor(flavor.gpusPerNode / gpu.count)
  // A share never spans devices, so each device is filled by itself.
  const byShare = Math.floor(1000 / (thousandths(gpu.share ?? '1') ?? 1000))
  const byMemory = gpu.memoryMiB === null ? byShare : Math.floor(flavor.gpuMemoryMiB / gpu.memoryMiB)
  return flavor.gpusPerNode * Math.min(byShare, byMemory)
}

export function isModelAccepted(flavor: Flavor, models: readonly string[]): boolean {
  return models.length === 0 || (flavor.gpuModel !== null && models.includes(flavor.gpuModel))
}

/** The largest gang of such pods that the cluster could hold if it were empty: a gang never spans flavors. */
export function largestGang(cluster: Cluster, resources: PodResources): number {
  const podsByFlavor = new Map<string, number>()
  // Several pools may be of one flavor.
  for (const pool of cluster.flavors) {
    const pods = pool.nodes * podsPerNode(pool, resources)
    podsByFlavor.set(pool.flavor, (podsByFlavor.get(pool.flavor) ?? 0) + pods)
  }
  return Math.max(0, ...podsByFlavor.values())
}

/** Devices that the whole gang holds, in thousandths of one device. */
export function gpuThousandths({ gpu }: PodResources, replicas: number): number {
  if (!gpu) return 0
  return replicas * (gpu.count === null ? (thousandths(gpu.share ?? '0') ?? 0) : gpu.count * 1000)
}

export function hasNodes({ flavors }: Cluster): boolean {
  return flavors.some(({ nodes }) => nodes > 0)
}
