import type { ClusterHello, HelloRefusal } from '../../../platform/link/protocol.ts'
import type { JoinTokenRow } from '../store/joinTokens.ts'

type Hello = Pick<ClusterHello, 'name' | 'uid'>

/** @returns why this cluster may not join with that token; null: it may */
export function decideJoin(token: JoinTokenRow | null, hello: Hello, now: Date): HelloRefusal | null {
  if (token === null) return refusal(401, 'JOIN_TOKEN_INVALID', 'The join token is none of ours.', anotherToken(hello))
  if (token.revokedAt !== null)
    return refusal(401, 'JOIN_TOKEN_REVOKED', 'The join token was revoked.', anotherToken(hello))
  if (Date.parse(token.expiresAt) <= now.getTime())
    return refusal(401, 'JOIN_TOKEN_EXPIRED', `The join token ran out at ${token.expiresAt}.`, anotherToken(hello))
  if (token.cluster !== hello.name) {
    const fix = `Give the agent the name ${token.cluster}, or have a token made for ${hello.name}.`
    return refusal(403, 'JOIN_TOKEN_FOR_ANOTHER_CLUSTER', `The join token is for cluster ${token.cluster}.`, fix)
  }
  return hello.uid === undefined ? withoutUid() : usedElsewhere(token, hello)
}

function usedElsewhere(token: JoinTokenRow, hello: Hello): HelloRefusal | null {
  if (token.clusterUid === null || token.clusterUid === hello.uid) return null
  const message = 'Another cluster has joined with this token, under the same name.'
  return refusal(403, 'JOIN_TOKEN_USED', message, anotherToken(hello))
}

/** @param token the one that the credential was had for; null: there is no such credential */
export function decideCredential(token: JoinTokenRow | null, hello: Hello): HelloRefusal | null {
  if (token === null)
    return refusal(401, 'AGENT_CREDENTIAL_INVALID', 'The credential is none of ours.', anotherToken(hello))
  if (token.revokedAt !== null) {
    const message = 'The join token that this credential was had for was revoked.'
    return refusal(401, 'AGENT_CREDENTIAL_REVOKED', message, anotherToken(hello))
  }
  if (token.cluster !== hello.name || token.clusterUid !== hello.uid) {
    const message = `The credential is that of another cluster, which joined as ${token.cluster}.`
    return refusal(403, 'AGENT_CREDENTIAL_FOR_ANOTHER_CLUSTER', message, anotherToken(hello))
  }
  return null
}

function withoutUid(): HelloRefusal {
  const fix = 'Run an agent of this release, which tells the uid of the namespace kube-system.'
  return refusal(403, 'CLUSTER_UID_MISSING', 'The hello does not say which cluster it is.', fix)
}

function anotherToken({ name }: Hello): string {
  return `Have an operator make a new one with \`sluice token --join ${name}\`, and give it to the agent.`
}

function refusal(status: HelloRefusal['status'], code: string, message: string, fix: string): HelloRefusal {
  return { status, code, message, fix }
}
