import { type Cluster, ClusterError, gone } from '../../kubernetes/cluster.ts'
import { SYSTEM_NAMESPACE } from '../../kubernetes/names.ts'
import { AGENT_CREDENTIAL } from '../../kubernetes/rbac/agentRules.ts'

/** Where the agent's credential outlives it. */
export interface CredentialStore {
  /** null: none is kept. */
  load(): Promise<string | null>
  save(credential: string): Promise<void>
}

const REF = { namespace: SYSTEM_NAMESPACE, name: AGENT_CREDENTIAL }

/**
 * In a Secret of the very cluster that it speaks for: both replicas of the agent share it, and one that is
 * started on another node, with no disk of its own, finds it.
 */
export function secretOfCluster(cluster: Pick<Cluster, 'get' | 'create' | 'patch'>): CredentialStore {
  return {
    async load() {
      const credential = (await cluster.get('Secret', REF).catch(gone))?.data?.credential
      return credential === undefined ? null : Buffer.from(credential, 'base64').toString()
    },
    async save(credential) {
      const data = { credential: Buffer.from(credential).toString('base64') }
      try {
        await cluster.create('Secret', { apiVersion: 'v1', kind: 'Secret', metadata: REF, type: 'Opaque', data })
      } catch (error) {
        if (!(error instanceof ClusterError && error.code === 'ALREADY_EXISTS')) throw error
        await cluster.patch('Secret', REF, [{ op: 'add', path: '/data', value: data }])
      }
    },
  }
}
