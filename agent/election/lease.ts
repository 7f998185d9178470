import { type Cluster, gone } from '../../kubernetes/cluster.ts'
import { SYSTEM_NAMESPACE } from '../../kubernetes/names.ts'
import type { Kinds } from '../../kubernetes/objects.ts'
import { AGENT_LEASE } from '../../kubernetes/rbac/agentRules.ts'

export type Lease = Kinds['Lease']

export const LEASE = { namespace: SYSTEM_NAMESPACE, name: AGENT_LEASE }

/** null: there is none. */
export async function readLease(cluster: Cluster): Promise<Lease | null> {
  return cluster.get('Lease', LEASE).catch(gone)
}

interface Claim {
  /** Empty: it is given back. */
  identity: string
  durationMs: number
  nowMs: number
}

/**
 * Writes who holds it, guarded by the version that was read.
 * @throws ClusterError INVALID, ALREADY_EXISTS or NOT_FOUND where others have written meanwhile
 */
export async function writeLease(cluster: Cluster, before: Lease | null, claim: Claim): Promise<Lease> {
  const isTaken = before?.spec?.holderIdentity !== claim.identity && claim.identity !== ''
  const now = new Date(claim.nowMs).toISOString().replace('Z', '000Z') // microseconds, as Kubernetes has them here
  const spec = {
    ...before?.spec,
    holderIdentity: claim.identity,
    leaseDurationSeconds: Math.ceil(claim.durationMs / 1_000),
    renewTime: now,
    ...(isTaken && { acquireTime: now, leaseTransitions: (before?.spec?.leaseTransitions ?? -1) + 1 }),
  }
  if (before === null)
    return cluster.create('Lease', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: LEASE, spec })
  return cluster.patch('Lease', LEASE, [
    { op: 'test', path: '/metadata/resourceVersion', value: before.metadata.resourceVersion },
    { op: 'add', path: '/spec', value: spec },
  ])
}
