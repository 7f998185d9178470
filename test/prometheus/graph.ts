import { dataOf } from '../testkit/answers.ts'
import type { Cloud } from '../testkit/cloud.ts'

/** What the graph tells an operator at one moment. */
export interface Everything {
  gpus: { health: string; allocated: string }[]
  nodePools: { flavor: string; gpuModel: string | null; nodeCount: number; gpuCount: number; allocatedGpus: string }[]
  queues: { name: string; pending: number; admitted: number; usedGpus: string; pendingGpus: string }[]
}
export async function askGraph(cloud: Cloud): Promise<Everything> {
  const data = dataOf(
    await cloud.ask<{ [K in keyof Everything]: { edges: { node: Everything[K][number] }[] } }>(
      await cloud.operator(),
      EVERYTHING,
    ),
  )
  return {
    gpus: data.gpus.edges.map(({ node }) => node),
    nodePools: data.nodePools.edges.map(({ node }) => node),
    queues: data.queues.edges.map(({ node }) => node),
  }
}
const EVERYTHING = `{
  gpus(first: 200) { edges { node { health allocated } } }
  nodePools { edges { node { flavor gpuModel nodeCount gpuCount allocatedGpus } } }
  queues { edges { node { name pending admitted usedGpus pendingGpus } } }
}`
