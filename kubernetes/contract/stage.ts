import { randomUUID } from 'node:crypto'
import { realClock } from '../../platform/clocks.ts'
import type { Connection } from '../cluster.contract.ts'
import type { Cluster } from '../cluster.ts'
import { type Kubelet, startKubelet } from '../simulated/kubelet/kubelet.ts'

/** What the cases of the contract work on. `node` has a kubelet that plays; a pod bound elsewhere is nobody's. */
export interface Stage {
  cluster: Cluster
  tenant: Connection['tenant']
  namespace: Connection['namespace']
  node: string
  kubelet: Kubelet
  close(): Promise<void>
}

export async function startStage(connection: Connection): Promise<Stage> {
  const { cluster } = connection
  // Other files may run against the same server: names are this run's own.
  const node = `contract-${randomUUID().slice(0, 8)}`
  const kubelet = startKubelet({
    cluster,
    clock: realClock(),
    seed: node,
    startupSeconds: 0,
    heartbeatSeconds: 10,
    nodes: [
      {
        name: node,
        pool: 'contract',
        gpuModel: null,
        gpuCount: 0,
        gpuMemoryMiB: 0,
        cpuMilli: 64_000,
        memoryMiB: 65_536,
      },
    ],
  })
  await kubelet.ready
  return {
    cluster,
    tenant: connection.tenant,
    namespace: connection.namespace,
    node,
    kubelet,
    async close() {
      await kubelet.stop()
      await cluster.delete('Node', { name: node })
      await connection.close()
    },
  }
}
