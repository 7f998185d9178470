import { loadSecrets, type Secrets } from '../../platform/identity/secrets.ts'
import type { Settings } from '../settings.ts'

/** Of the environment; what it does not name is the data folder's, as where all roles share one machine. */
export async function secretsOf({ dataDir, apart }: Settings): Promise<Secrets> {
  const { clientSecret, subgraphSecret } = apart
  if (clientSecret !== null && subgraphSecret !== null) return { client: clientSecret, subgraph: subgraphSecret }
  const stored = await loadSecrets(dataDir)
  return { client: clientSecret ?? stored.client, subgraph: subgraphSecret ?? stored.subgraph }
}

/** A subgraph has no use for the clients' secret, and so need not be given it. */
export async function subgraphSecretOf({ dataDir, apart }: Settings): Promise<Uint8Array> {
  return apart.subgraphSecret ?? (await loadSecrets(dataDir)).subgraph
}
