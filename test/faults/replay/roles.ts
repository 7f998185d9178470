import type { SubgraphName } from '../../../platform/link/protocol.ts'

/** What is killed: each is a process of its own. */
export type Role = ControlRole | 'agent'
export type ControlRole = 'gateway' | 'postgres' | SubgraphName
export const ROLES: readonly Role[] = ['gateway', 'tenants', 'inventory', 'jobs', 'metering', 'agent', 'postgres']
