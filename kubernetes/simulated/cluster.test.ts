import { randomUUID } from 'node:crypto'
import { realClock } from '../../platform/clocks.ts'
import { clusterContract } from '../cluster.contract.ts'
import { CONTRACT_EPOCH } from '../contract/unsuspend.ts'
import { installPlatform } from '../installPlatform.ts'
import { EPOCHS, labels } from '../names.ts'
import { startSimulatedCluster } from './startSimulatedCluster.ts'

clusterContract('simulated', async () => {
  const { cluster, as, stop } = await startSimulatedCluster({ clock: realClock(), nodes: [], seed: 'contract' })
  await installPlatform(cluster)
  const metadata = { namespace: EPOCHS.namespace, name: EPOCHS.name }
  await cluster.apply('ConfigMap', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { [EPOCHS.term]: CONTRACT_EPOCH },
  })
  return {
    cluster,
    tenant: async () => as('tenant'),
    async namespace(tenantId) {
      const name = `contract-${randomUUID().slice(0, 8)}`
      await cluster.create('Namespace', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: tenantId === undefined ? {} : { [labels.tenant]: tenantId } },
      })
      return name
    },
    close: stop,
  }
})
