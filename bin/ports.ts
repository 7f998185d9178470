import type { SubgraphName } from '../platform/link/protocol.ts'

export type RoleName = 'gateway' | 'agent' | SubgraphName

/** Where each role listens unless told: all of them fit on one machine. The agent serves nobody. */
export const USUAL_PORTS = {
  gateway: { port: 4000, opsPort: 9464 },
  agent: { port: 0, opsPort: 9465 },
  tenants: { port: 4001, opsPort: 9466 },
  inventory: { port: 4002, opsPort: 9467 },
  jobs: { port: 4003, opsPort: 9468 },
  metering: { port: 4004, opsPort: 9469 },
} as const satisfies Record<RoleName, { port: number; opsPort: number }>
