import type { Cluster } from '../../kubernetes/cluster.ts'

export interface BenchNode {
  readonly name: string
  readonly cpu: number
  readonly pods: number
}

/** Adds nodes that are ready and take pods. Nobody is a kubelet on them. */
export async function addNodes(cluster: Cluster, nodes: readonly BenchNode[]): Promise<void> {
  await eachOf(nodes, (node) => addNode(cluster, node))
}

/** Does something with each, some of them at once. */
export async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<unknown>, atOnce = 32): Promise<void> {
  const left = items.values()
  const worker = async () => {
    for (const item of left) await run(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

async function addNode(cluster: Cluster, { name, cpu, pods }: BenchNode): Promise<void> {
  const capacity = { cpu: String(cpu), memory: '1Ti', pods: String(pods) }
  await cluster.create('Node', { apiVersion: 'v1', kind: 'Node', metadata: { name } })
  const status = { capacity, allocatable: capacity, conditions: [READY] }
  const { spec } = await cluster.patch('Node', { name }, [{ op: 'add', path: '/status', value: status }], {
    subresource: 'status',
  })
  // The API server taints a new node until a controller has seen it ready; there is none here.
  if (spec?.taints !== undefined) await cluster.patch('Node', { name }, [{ op: 'remove', path: '/spec/taints' }])
}

const READY = { type: 'Ready', status: 'True', reason: 'Bench', message: 'It takes whatever comes.' }
