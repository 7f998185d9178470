import { SUBGRAPH_NAMES, type SubgraphName } from '../../platform/link/protocol.ts'
import { APP_LABEL, labelsOf, type Manifest, namespace, ROLE_LABEL } from './manifest.ts'
import { deployment, disruptionBudget, type EnvVar, job, OPS_PORT, type Role, service } from './workload.ts'

/** Runs no workloads of tenants, and so needs no account at the API server. */
export const CONTROL_PLANE_NAMESPACE = 'sluice'
const PORT = 4000
/** Database addresses and what the roles sign with; docs/guide/deploy.md says how to make them. */
const SECRETS = 'sluice-secrets'

const subgraphAddresses: EnvVar[] = SUBGRAPH_NAMES.map((name) => ({
  name: `SLUICE_${name.toUpperCase()}_URL`,
  value: `http://${name}:${PORT}`,
}))

const subgraphs: (Role & { port: number })[] = SUBGRAPH_NAMES.map((name) => ({
  name,
  namespace: CONTROL_PLANE_NAMESPACE,
  args: ['subgraph', name],
  replicas: 2,
  port: PORT,
  env: [
    file('DATABASE_URL', 'database-url'),
    file(passwordVariable(name), passwordKey(name)),
    file('SLUICE_SUBGRAPH_SECRET', 'subgraph-secret'),
    ...subgraphAddresses,
    // As clients reach the gateway: the addresses of exports are made of it.
    { name: 'SLUICE_URL', valueFrom: { configMapKeyRef: { name: 'sluice', key: 'url' } } },
    ...(name === 'metering' ? [{ name: 'SLUICE_DATA', value: '/var/lib/sluice' }] : []),
  ],
  secrets: [{ name: SECRETS, keys: ['database-url', passwordKey(name), 'subgraph-secret'] }],
  memoryMib: 256,
  ...(name === 'metering' && {
    volumes: [
      {
        volume: { name: 'exports', persistentVolumeClaim: { claimName: 'exports' } },
        mountPath: '/var/lib/sluice',
      },
    ],
  }),
}))

const gateway: Role & { port: number } = {
  name: 'gateway',
  namespace: CONTROL_PLANE_NAMESPACE,
  args: ['gateway'],
  replicas: 2,
  port: PORT,
  env: [
    file('SLUICE_CLIENT_SECRET', 'client-secret'),
    file('SLUICE_SUBGRAPH_SECRET', 'subgraph-secret'),
    ...subgraphAddresses,
  ],
  secrets: [{ name: SECRETS, keys: ['client-secret', 'subgraph-secret'] }],
  memoryMib: 384,
}

/** Alone owns the schemas; the subgraphs' own logins can change rows, not tables. */
const migrate: Role = {
  name: 'migrate',
  namespace: CONTROL_PLANE_NAMESPACE,
  args: ['migrate'],
  replicas: 1,
  port: null,
  env: [
    file('DATABASE_URL', 'owner-database-url'),
    ...SUBGRAPH_NAMES.map((name) => file(passwordVariable(name), passwordKey(name))),
  ],
  secrets: [{ name: SECRETS, keys: ['owner-database-url', ...SUBGRAPH_NAMES.map(passwordKey)] }],
  memoryMib: 128,
}

/** Both replicas of metering write finished exports there and serve each other's. */
const exportsVolume: Manifest = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'exports', namespace: CONTROL_PLANE_NAMESPACE },
  spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '50Gi' } } },
}

export const controlPlane: Manifest[] = [
  namespace(CONTROL_PLANE_NAMESPACE),
  exportsVolume,
  job(migrate),
  ...[...subgraphs, gateway].flatMap((role) => [deployment(role), service(role), disruptionBudget(role)]),
  ...networkPolicies(),
]

function file(variable: string, key: string): EnvVar {
  return { name: `${variable}_FILE`, value: `/etc/sluice/${SECRETS}/${key}` }
}

function passwordVariable(name: SubgraphName): string {
  return `SLUICE_DATABASE_PASSWORD_${name.toUpperCase()}`
}

function passwordKey(name: SubgraphName): string {
  return `database-password-${name}`
}

/** Nothing may call anything, but for clients the gateway, for the roles the subgraphs, and for Prometheus the ops ports. */
function networkPolicies(): Manifest[] {
  const ours = (...roles: string[]) => ({
    podSelector: { matchExpressions: [{ key: ROLE_LABEL, operator: 'In', values: roles }] },
  })
  const policy = (name: string, podSelector: object, ingress: object[]): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: CONTROL_PLANE_NAMESPACE },
    spec: { podSelector, policyTypes: ['Ingress'], ingress },
  })
  const subgraphPods = ours(...SUBGRAPH_NAMES).podSelector
  return [
    policy('deny-by-default', {}, []),
    policy('gateway', { matchLabels: labelsOf('gateway') }, [{ ports: [{ port: PORT }] }]),
    policy('subgraphs', subgraphPods, [{ from: [ours('gateway', ...SUBGRAPH_NAMES)], ports: [{ port: PORT }] }]),
    policy('ops', { matchLabels: { [APP_LABEL]: 'sluice' } }, [
      { from: [{ namespaceSelector: { matchLabels: { 'sluice.dev/scrapes': 'true' } } }], ports: [{ port: OPS_PORT }] },
    ]),
  ]
}
