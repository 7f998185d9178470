import type { TraceDemand } from '../../bin/replay/trace.ts'
import { randomFrom } from '../common/random.ts'

/** GPUs that the pods ask, of those that there are. */
export const DEMAND_OF_CLUSTER = 1.3

/**
 * Every pod of the file once, then pods drawn with replacement until one would make them ask more than
 * DEMAND_OF_CLUSTER, all in random order. The k-th copy of a pod has `#k` after its name.
 */
export function drawPods(pods: readonly TraceDemand[], clusterThousandths: number, seed: number): TraceDemand[] {
  const random = randomFrom(seed)
  const pick = (below: number) => Math.floor(random() * below)
  const most = DEMAND_OF_CLUSTER * clusterThousandths
  const copies = new Map<string, number>()
  const drawn = [...pods]
  let demand = pods.reduce((sum, pod) => sum + thousandthsOf(pod), 0)
  // Pods without GPUs bring the end no nearer: without others there is none.
  while (demand > 0) {
    const pod = pods[pick(pods.length)] as TraceDemand
    demand += thousandthsOf(pod)
    if (demand > most) break
    const copy = (copies.get(pod.name) ?? 0) + 1
    copies.set(pod.name, copy)
    drawn.push({ ...pod, name: `${pod.name}#${copy}` })
  }
  return shuffled(drawn, pick)
}

export function thousandthsOf({ gpus, gpuMilli }: TraceDemand): number {
  return gpus === 0 ? 0 : gpus * gpuMilli
}

function shuffled<T>(items: T[], pick: (below: number) => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = pick(last + 1)
    const item = items[last] as T
    items[last] = items[other] as T
    items[other] = item
  }
  return items
}
