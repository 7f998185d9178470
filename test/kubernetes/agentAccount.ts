import type { KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import { SYSTEM_NAMESPACE } from '../../kubernetes/names.ts'
import { AGENT_ACCOUNT, agentRbac } from '../../kubernetes/rbac/agentObjects.ts'
import type { ControlPlane } from '../../scripts/kubernetes/controlPlane.ts'
import { connectAs, kubectlOf } from './realControlPlane.ts'

type Access = Pick<ControlPlane, 'kubectl' | 'kubeconfig'>

/** As the agent runs in a cluster: by its own account, with its own rights and no others. */
export async function connectAsAgent(controlPlane: Access): Promise<KubernetesCluster> {
  return connectAs(controlPlane.kubeconfig, { token: await agentAccountToken(controlPlane) })
}

/** Of the agent's account, which is made where it is missing. */
export async function agentAccountToken(controlPlane: Access): Promise<string> {
  const kubectl = kubectlOf(controlPlane)
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: AGENT_ACCOUNT, namespace: SYSTEM_NAMESPACE },
  }
  const list = { apiVersion: 'v1', kind: 'List', items: [account, ...agentRbac] }
  await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list))
  const token = await kubectl(['create', 'token', AGENT_ACCOUNT, '--namespace', SYSTEM_NAMESPACE])
  return token.trim()
}
