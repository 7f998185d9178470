import type { SubgraphName } from '../../../platform/link/protocol.ts'

/** What is killed: each is a process of its own; the disk under Postgres is filled up instead. */
export type Role = ControlRole | 'agent' | 'disk'
export type ControlRole = 'gateway' | 'postgres' | SubgraphName
export const ROLES: readonly Exclude<Role, 'disk'>[] = [
  'gateway',
  'tenants',
  'inventory',
  'jobs',
  'metering',
  'agent',
  'postgres',
]
