import { SYSTEM_NAMESPACE } from '../names.ts'
import { agentClusterRules, agentSystemRules, type PolicyRule } from './agentRules.ts'

/** What the agent's pods run as. */
export const AGENT_ACCOUNT = 'sluice-agent'

interface RbacObject {
  apiVersion: 'rbac.authorization.k8s.io/v1'
  kind: 'ClusterRole' | 'Role' | 'ClusterRoleBinding' | 'RoleBinding'
  metadata: { name: string; namespace?: string }
  rules?: PolicyRule[]
  roleRef?: { apiGroup: string; kind: string; name: string }
  subjects?: { kind: string; name: string; namespace: string }[]
}

/** The agent's rights, to be applied together with its account. */
export const agentRbac: RbacObject[] = [
  role('ClusterRole', agentClusterRules),
  binding('ClusterRoleBinding', 'ClusterRole'),
  role('Role', agentSystemRules),
  binding('RoleBinding', 'Role'),
]

function role(kind: 'ClusterRole' | 'Role', rules: PolicyRule[]): RbacObject {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: metadataOf(kind), rules }
}

function binding(kind: 'ClusterRoleBinding' | 'RoleBinding', to: 'ClusterRole' | 'Role'): RbacObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: metadataOf(to),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: to, name: AGENT_ACCOUNT },
    subjects: [{ kind: 'ServiceAccount', name: AGENT_ACCOUNT, namespace: SYSTEM_NAMESPACE }],
  }
}

function metadataOf(kind: 'ClusterRole' | 'Role'): RbacObject['metadata'] {
  return kind === 'Role' ? { name: AGENT_ACCOUNT, namespace: SYSTEM_NAMESPACE } : { name: AGENT_ACCOUNT }
}
