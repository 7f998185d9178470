import type { DeviceTarget, Target } from './scrapeConfig.ts'

/** The ops listeners of docker-compose.yml: each service by its name, on the image's port. */
export const composeTargets: { targets: Target[]; deviceTargets: DeviceTarget[]; devicePath: string } = {
  targets: [
    { address: 'gateway:9464', role: 'gateway' },
    { address: 'agent:9464', role: 'agent', cluster: 'local' },
    { address: 'tenants:9464', role: 'subgraph' },
    { address: 'inventory:9464', role: 'subgraph' },
    { address: 'jobs:9464', role: 'subgraph' },
    { address: 'metering:9464', role: 'subgraph' },
  ],
  // The simulated cluster's devices; a real one has an exporter on every node.
  deviceTargets: [{ address: 'agent:9464', cluster: 'local' }],
  devicePath: '/dcgm/metrics',
}
