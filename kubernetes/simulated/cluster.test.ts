import { randomUUID } from 'node:crypto'
import { realClock } from '../../platform/clocks.ts'
import { clusterContract } from '../cluster.contract.ts'
import { installPlatform } from '../installPlatform.ts'
import { startSimulatedCluster } from './startSimulatedCluster.ts'

clusterContract('simulated', async () => {
  const { cluster, stop } = await startSimulatedCluster({ clock: realClock(), nodes: [], seed: 'contract' })
  await installPlatform(cluster)
  return {
    cluster,
    async namespace() {
      const name = `contract-${randomUUID().slice(0, 8)}`
      await cluster.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
      return name
    },
    close: stop,
  }
})
