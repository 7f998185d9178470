import type { Subgraph } from '../../platform/graph/subgraph.ts'
import type { Tokens } from '../../platform/identity/identity.ts'
import { CREDENTIAL_PREFIX, type HelloAnswer, JOIN_TOKEN_PREFIX } from '../../platform/link/protocol.ts'
import { HttpRefusal } from './refusal.ts'

/** An agent says hello again as often as that, so that what was revoked opens nothing for longer. */
const ACCESS_SECONDS = 600

/** A join token or a kept credential; null: something else, or nothing. */
export function helloSecretIn(authorization: string | undefined): string | null {
  const secret = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  const isOurs = secret?.startsWith(JOIN_TOKEN_PREFIX) || secret?.startsWith(CREDENTIAL_PREFIX)
  return secret !== undefined && isOurs ? secret : null
}

/**
 * Has the subgraph that takes clusters in take this one in.
 * @param credential what it bore in place of an access token; null: it bore one
 * @throws HttpRefusal as the subgraph says, or where the body is no hello
 */
export async function sayHello(
  subgraphs: readonly Subgraph[],
  tokens: Pick<Tokens, 'issue'>,
  { name, kubernetesVersion, uid }: Record<string, unknown>,
  credential: string | null,
): Promise<HelloAnswer> {
  const greeter = subgraphs.find(({ link }) => link.hello)
  if (!isText(name) || !isText(kubernetesVersion) || !VERSION.test(kubernetesVersion))
    throw badHello('A hello has name and kubernetesVersion.')
  if (uid !== undefined && !(isText(uid) && UID.test(uid))) throw badHello('uid is that of a Kubernetes object.')
  const outcome = await greeter?.link.hello?.({
    name,
    kubernetesVersion,
    ...(uid !== undefined && { uid }),
    ...(credential !== null && { credential }),
  })
  if (outcome === undefined) throw new HttpRefusal(404, 'NOT_FOUND', 'No subgraph here takes clusters in.')
  if ('refused' in outcome) {
    const { status, code, message, fix } = outcome.refused
    throw new HttpRefusal(status, code, message, { fix })
  }
  if (credential === null) return outcome
  const token = await tokens.issue({ kind: 'agent', subject: `agent:${name}`, cluster: name }, ACCESS_SECONDS)
  return { ...outcome, access: { token, lifetimeSeconds: ACCESS_SECONDS } }
}

const VERSION = /^[\w.+-]{1,100}$/
const UID = /^[\w-]{1,100}$/

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function badHello(message: string): HttpRefusal {
  return new HttpRefusal(400, 'BAD_REQUEST', message)
}
