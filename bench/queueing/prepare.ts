import type { Cluster } from '../../kubernetes/cluster.ts'
import { labels } from '../../kubernetes/names.ts'
import type { Queue } from '../../kubernetes/objects.ts'
import { addNodes } from '../common/nodes.ts'
import { capacityOf, queuesOf, type Trace } from './trace.ts'

/**
 * What the jobs of a trace wait in, and where they could run. Sluice admits nothing that has no place, so there are
 * nodes; they are so large that quota alone decides. Nobody is a kubelet on them.
 */
export async function prepare(cluster: Cluster, trace: Trace): Promise<void> {
  const queues = queuesOf(trace)
  for (const tree of new Set(queues.map(({ tree }) => tree))) await cluster.apply('Queue', queueObject(tree))
  for (const { queue, tree } of queues) await cluster.apply('Queue', queueObject(queue, tree, trace))
  for (const namespace of new Set(queues.map(({ namespace }) => namespace))) await ownedBy(cluster, namespace)
  // Each alone could take all that the quotas allow.
  const cores = capacityOf(trace)
  const nodes = Array.from({ length: NODES }, (_, number) => ({ name: `bench-${number}`, cpu: cores, pods: cores }))
  await addNodes(cluster, nodes)
}

const NODES = 4

async function ownedBy(cluster: Cluster, namespace: string): Promise<void> {
  const owner = { [labels.tenant]: namespace, [labels.project]: 'bench' }
  await cluster.apply('Namespace', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: owner },
  })
}

/** The root of a tree has nothing of its own but what its queues bring. */
function queueObject(name: string, parent?: string, trace?: Trace): Queue {
  const quota = trace && {
    flavor: '*',
    resource: 'CPU' as const,
    nominalQuota: String(trace.nominalCpu),
    borrowingLimit: String(trace.borrowingLimitCpu),
  }
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Queue',
    metadata: { name },
    spec: { ...(parent !== undefined && { parent }), quotas: quota === undefined ? [] : [quota] },
  }
}
