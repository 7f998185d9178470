import type { WallClock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/database/database.ts'
import {
  type ClusterHello,
  CREDENTIAL_PREFIX,
  type HelloOutcome,
  type HelloRefusal,
} from '../../../platform/link/protocol.ts'
import { bindJoinToken, insertCredential, joinTokenOfCredential, lockJoinToken } from '../store/joinTokens.ts'
import { decideCredential, decideJoin } from './decideJoin.ts'
import { hashOf, newSecret } from './joinSecrets.ts'
import { registerCluster } from './registerCluster.ts'

type Deps = Parameters<typeof registerCluster>[0] & { wall: WallClock }

/**
 * Takes a cluster in. One whose agent brings a join token gets a credential for it, as often as it asks:
 * each replica of an agent may, and an answer may be lost.
 */
export async function greetCluster(deps: Deps, { credential: secret, ...hello }: ClusterHello): Promise<HelloOutcome> {
  if (secret === undefined) return registerCluster(deps, hello)
  const now = new Date(deps.wall.nowMs())
  const answer = await deps.database.write({ role: 'ingest' }, (tx) =>
    secret.startsWith(CREDENTIAL_PREFIX) ? recognize(tx, hello, secret) : join(tx, hello, secret, now),
  )
  if (answer.refused !== null) return { refused: answer.refused }
  const registered = await registerCluster(deps, hello)
  return answer.credential === null ? registered : { ...registered, credential: answer.credential }
}

interface Answer {
  refused: HelloRefusal | null
  credential: string | null
}

async function recognize(tx: Tx, hello: ClusterHello, secret: string): Promise<Answer> {
  const token = await joinTokenOfCredential(tx, hashOf(secret))
  return { refused: decideCredential(token, hello), credential: null }
}

async function join(tx: Tx, hello: ClusterHello, secret: string, now: Date): Promise<Answer> {
  const token = await lockJoinToken(tx, hashOf(secret))
  const refused = decideJoin(token, hello, now)
  if (refused !== null || token === null || hello.uid === undefined) return { refused, credential: null }
  const credential = newSecret(CREDENTIAL_PREFIX)
  await bindJoinToken(tx, token.id, hello.uid, now)
  await insertCredential(tx, {
    secretHash: hashOf(credential),
    joinTokenId: token.id,
    clusterUid: hello.uid,
    issuedAt: now,
  })
  return { refused: null, credential }
}
