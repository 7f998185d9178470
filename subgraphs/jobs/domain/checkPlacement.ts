import type { Facts } from '../../../platform/facts/kinds.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import type { PodResources } from '../../../platform/link/protocol.ts'
import { isModelAccepted, largestGang, podsPerNode } from './capacity.ts'
import { exceedsLargestNode, fitsNoNode, gangExceedsClusters, gpuModelUnknown } from './errors.ts'
import { decimalOf, thousandths } from './thousandths.ts'

type Cluster = Facts['cluster']
type Flavor = Cluster['flavors'][number]

export type Placement = { ok: true; clusterId: string } | { ok: false; errors: UserError[] }

/**
 * Whether such a gang could ever run, and where. Said at once, because it would wait for ever otherwise.
 * @param resources must have passed checkResources
 * @param clusters at least one has nodes
 */
export function checkPlacement(resources: PodResources, replicas: number, clusters: readonly Cluster[]): Placement {
  const flavors = clusters.flatMap((cluster) => cluster.flavors).filter((flavor) => flavor.nodes > 0)
  const oversized = checkLargestNode(resources, flavors)
  if (oversized.length > 0) return { ok: false, errors: oversized }
  if (!flavors.some((flavor) => podsPerNode(flavor, resources) > 0)) {
    return { ok: false, errors: [fitsNoNode(flavors.map(describe))] }
  }
  const [roomiest] = clusters
    .map((cluster) => ({ cluster, largest: largestGang(cluster, resources) }))
    .sort((a, b) => b.largest - a.largest || (a.cluster.id < b.cluster.id ? -1 : 1))
  if (!roomiest || roomiest.largest < replicas) {
    return {
      ok: false,
      errors: [gangExceedsClusters(replicas, roomiest?.largest ?? 0, roomiest?.cluster.name ?? 'none')],
    }
  }
  return { ok: true, clusterId: roomiest.cluster.id }
}

/** Each quantity by itself against the largest there is. */
function checkLargestNode({ cpu, memoryMiB, gpu }: PodResources, flavors: readonly Flavor[]): UserError[] {
  const found: UserError[] = []
  const cpuMilli = largestOf(flavors, (flavor) => flavor.cpuMilliPerNode)
  if ((thousandths(cpu) ?? 0) > cpuMilli) {
    const most = decimalOf(cpuMilli)
    found.push(exceedsLargestNode(['resources', 'cpu'], `${cpu} cores`, most, `Ask for at most ${most} cores per pod.`))
  }
  const memory = largestOf(flavors, (flavor) => flavor.memoryMiBPerNode)
  if (memoryMiB > memory) {
    found.push(
      exceedsLargestNode(
        ['resources', 'memoryMiB'],
        `${memoryMiB} MiB`,
        `${memory}`,
        `Ask for at most ${memory} MiB per pod.`,
      ),
    )
  }
  return gpu ? [...found, ...checkLargestGpus(gpu, flavors)] : found
}

function checkLargestGpus(gpu: NonNullable<PodResources['gpu']>, flavors: readonly Flavor[]): UserError[] {
  // One model of several is enough: the others may join later, with a cluster that has them.
  const accepted = flavors.filter((flavor) => flavor.gpusPerNode > 0 && isModelAccepted(flavor, gpu.models))
  if (accepted.length === 0) return [gpuModelUnknown(gpu.models.length > 0 ? gpu.models : ['any'], modelsOf(flavors))]
  const found: UserError[] = []
  const count = largestOf(accepted, (flavor) => flavor.gpusPerNode)
  if (gpu.count !== null && gpu.count > count) {
    found.push(
      exceedsLargestNode(
        ['resources', 'gpu', 'count'],
        `${gpu.count} GPUs`,
        `${count}`,
        `Ask for at most ${count} GPUs per pod, and for more replicas.`,
      ),
    )
  }
  const memory = largestOf(accepted, (flavor) => flavor.gpuMemoryMiB)
  if (gpu.memoryMiB !== null && gpu.memoryMiB > memory) {
    found.push(
      exceedsLargestNode(
        ['resources', 'gpu', 'memoryMiB'],
        `${gpu.memoryMiB} MiB on one GPU`,
        `${memory}`,
        `Ask for at most ${memory} MiB.`,
      ),
    )
  }
  return found
}

function largestOf(flavors: readonly Flavor[], of: (flavor: Flavor) => number): number {
  return flavors.reduce((most, flavor) => Math.max(most, of(flavor)), 0)
}

function modelsOf(flavors: readonly Flavor[]): string[] {
  return [...new Set(flavors.flatMap(({ gpuModel }) => (gpuModel === null ? [] : [gpuModel])))].sort()
}

function describe(flavor: Flavor): string {
  const gpus =
    flavor.gpusPerNode > 0 ? `${flavor.gpusPerNode} × ${flavor.gpuModel ?? 'GPU'} of ${flavor.gpuMemoryMiB} MiB, ` : ''
  return `${gpus}${decimalOf(flavor.cpuMilliPerNode)} cores, ${flavor.memoryMiBPerNode} MiB (${flavor.flavor})`
}
