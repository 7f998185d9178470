import { clusterContract } from '../../kubernetes/cluster.contract.ts'
import { onRealControlPlane } from './realControlPlane.ts'

onRealControlPlane((controlPlane) => {
  clusterContract('real', async () => {
    const cluster = await controlPlane.connect()
    return { cluster, namespace: () => controlPlane.namespace(cluster), close: () => cluster.close() }
  })
})
