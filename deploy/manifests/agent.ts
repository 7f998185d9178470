import { SYSTEM_NAMESPACE } from '../../kubernetes/names.ts'
import { AGENT_ACCOUNT, agentRbac } from '../../kubernetes/rbac/agentObjects.ts'
import { APP_LABEL, type Manifest } from './manifest.ts'
import { deployment, disruptionBudget, type Role } from './workload.ts'

const SECRET = 'sluice-agent'

/** Two replicas: one decides, the other knows as much and takes over. docs/guide/clusters.md. */
const agentRole: Role = {
  name: 'agent',
  namespace: SYSTEM_NAMESPACE,
  // A fleet of clusters gives each its own name, by a kustomization over this one.
  args: ['agent', '--in-cluster', '--cluster', '$(SLUICE_CLUSTER)'],
  replicas: 2,
  port: null,
  env: [
    { name: 'SLUICE_CLUSTER', valueFrom: { configMapKeyRef: { name: 'sluice-agent', key: 'cluster' } } },
    { name: 'SLUICE_URL', valueFrom: { configMapKeyRef: { name: 'sluice-agent', key: 'url' } } },
    { name: 'SLUICE_TOKEN_FILE', value: `/etc/sluice/${SECRET}/token` },
  ],
  secrets: [{ name: SECRET, keys: ['token'] }],
  memoryMib: 512,
  serviceAccount: AGENT_ACCOUNT,
}

/**
 * An account of its own is served last, after every controller, where nothing says otherwise; a scheduler
 * that waits is a cluster that idles. Leases come before all else: to lose one for being slow helps nobody.
 */
const flowSchemas: Manifest[] = [
  flowSchema('sluice-agent-leases', 'leader-election', 90, [
    { verbs: ['get', 'create', 'update', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
  ]),
  flowSchema('sluice-agent', 'workload-high', 700, [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]),
]

export const agent: Manifest[] = [
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: AGENT_ACCOUNT, namespace: SYSTEM_NAMESPACE },
  },
  ...agentRbac.map((object) => ({ ...object })),
  deployment(agentRole),
  disruptionBudget(agentRole),
  ...flowSchemas,
]

/** @param priorityLevel one that every API server has */
function flowSchema(
  name: string,
  priorityLevel: string,
  matchingPrecedence: number,
  rules: { verbs: string[]; apiGroups: string[]; resources: string[] }[],
): Manifest {
  return {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name, labels: { [APP_LABEL]: 'sluice' } },
    spec: {
      priorityLevelConfiguration: { name: priorityLevel },
      matchingPrecedence,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: AGENT_ACCOUNT, namespace: SYSTEM_NAMESPACE } }],
          resourceRules: rules.map((rule) => ({ ...rule, namespaces: ['*'], clusterScope: true })),
        },
      ],
    },
  }
}
