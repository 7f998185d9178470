import { EPOCHS, GROUP } from '../names.ts'
import { SCHEDULING_PERMISSION } from '../policies/exemptIdentities.ts'

/** As rbac.authorization.k8s.io/v1 has it. */
export interface PolicyRule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
  resourceNames?: string[]
}

/** Of one name each, in the system's namespace. */
export const AGENT_LEASE = 'sluice-agent'
export const AGENT_CREDENTIAL = 'sluice-agent-credential'

const CLAIMS = 'resource.k8s.io'

/**
 * All that the agent's account may do in the whole cluster, and no more than it does: agent/permissions.test.ts
 * holds the two together. To apply an object takes `patch`, and `create` where it is not there yet.
 */
export const agentClusterRules: PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch', 'create', 'patch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'get', 'patch', 'create', 'delete'] },
  { apiGroups: [''], resources: ['pods/binding'], verbs: ['create'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'watch', 'get', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['list', 'watch', 'patch'] },
  { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['list', 'watch'] },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['list', 'watch'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['list', 'watch'] },
  { apiGroups: [CLAIMS], resources: ['resourceclaims'], verbs: ['list', 'watch', 'get', 'patch'] },
  {
    apiGroups: [CLAIMS],
    resources: ['resourceclaimtemplates', 'resourceslices', 'deviceclasses'],
    verbs: ['list', 'watch'],
  },
  // The second is no resource: it is what the API server asks for whoever allocates by the first.
  { apiGroups: [CLAIMS], resources: ['resourceclaims/status', 'resourceclaims/binding'], verbs: ['patch'] },
  { apiGroups: [GROUP], resources: ['queues'], verbs: ['list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [GROUP], resources: ['schedulingpolicies'], verbs: ['list', 'watch', 'create', 'patch'] },
  { apiGroups: [GROUP], resources: ['queues/status', 'schedulingpolicies/status'], verbs: ['patch'] },
  // No request has this verb: it is what the admission policies ask for.
  {
    apiGroups: [SCHEDULING_PERMISSION.apiGroup],
    resources: [SCHEDULING_PERMISSION.resource],
    verbs: [SCHEDULING_PERMISSION.verb],
  },
]

/** In the system's namespace alone. RBAC cannot bind `create` to a name. */
export const agentSystemRules: PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'patch'], resourceNames: [AGENT_LEASE] },
  { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['create'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch'], resourceNames: [EPOCHS.name] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'], resourceNames: [AGENT_CREDENTIAL] },
]
