import type { Actor } from '../database/database.ts'
import type { Identity, Role } from './identity.ts'

export type Action =
  | 'tenant.read'
  | 'tenant.create'
  | 'project.create'
  | 'member.remove'
  | 'queue.read'
  | 'queue.write'
  | 'policy.read'
  | 'policy.write'
  | 'cluster.read'
  | 'cluster.join'
  | 'job.read'
  | 'job.submit'
  | 'job.cancel'
  | 'usage.read'
  | 'export.request'
  | 'export.read'

const READS: readonly Action[] = ['tenant.read', 'queue.read', 'cluster.read', 'job.read', 'usage.read', 'export.read']
const WORKS: readonly Action[] = [...READS, 'job.submit', 'job.cancel', 'export.request']

/** What each role may do to objects of its own tenant. What is not here is denied. */
const ALLOWED: Record<Role, ReadonlySet<Action>> = {
  viewer: new Set(READS),
  developer: new Set(WORKS),
  'tenant-admin': new Set<Action>([...WORKS, 'project.create', 'member.remove', 'queue.write']),
}

/** What a member may do to what belongs to no tenant: shared queues, clusters. */
const ALLOWED_ON_SHARED: ReadonlySet<Action> = new Set<Action>(['queue.read', 'cluster.read'])

/**
 * The one decision function. Deny by default.
 * @param object the tenant it belongs to; null: shared, or the platform's own
 */
export function may(identity: Identity, action: Action, object: { tenantId: string | null }): boolean {
  switch (identity.kind) {
    case 'operator':
      return true
    case 'member':
      if (object.tenantId === null) return ALLOWED_ON_SHARED.has(action)
      return object.tenantId === identity.tenantId && ALLOWED[identity.role].has(action)
    case 'agent':
      return false // agents speak over the link alone
  }
}

/** As whom an identity's transactions act. */
export function actorOf(identity: Identity): Actor {
  return identity.kind === 'operator'
    ? { role: 'operator' }
    : { role: 'app', tenantId: identity.kind === 'member' ? identity.tenantId : '' }
}
