import type { KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { clusterContract } from '../../kubernetes/cluster.contract.ts'
import { onRealControlPlane } from './realControlPlane.ts'

onRealControlPlane((controlPlane) => {
  clusterContract('real', async () => {
    const cluster = await controlPlane.connect()
    const tenants: KubernetesCluster[] = []
    return {
      cluster,
      namespace: (tenantId) =>
        controlPlane.namespace(
          cluster,
          tenantId === undefined ? undefined : { tenantId, projectId: 'project_contract' },
        ),
      async tenant(namespace) {
        const tenant = await controlPlane.tenant(namespace)
        tenants.push(tenant)
        return tenant
      },
      close: async () => void (await Promise.all([cluster, ...tenants].map((each) => each.close()))),
    }
  })
})
