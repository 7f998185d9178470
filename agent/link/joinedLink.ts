import type { HelloAnswer } from '../../platform/link/protocol.ts'
import type { CredentialStore } from './credentialStore.ts'
import { connectLink } from './httpLink.ts'
import { type Link, LinkError } from './link.ts'

interface JoinedLinkOptions {
  /** The gateway, such as http://127.0.0.1:4000. */
  url: string
  /** The operator's, asked for only where no credential is kept, or a kept one is refused; null: none was given. */
  joinToken: () => Promise<string | null>
  credentials: CredentialStore
  /** Never steps back, so that no correction of the machine's clock makes a token last longer. */
  monotonicMs?: () => number
}

const RENEWED_EACH_SECONDS = 60

/**
 * The link of an agent that runs apart. Its first hello bears the join token and brings a credential,
 * which is kept in the cluster; each later one bears that, and brings an access token of minutes, which
 * opens everything else.
 */
export function connectJoinedLink(options: JoinedLinkOptions): Link {
  const { url, joinToken, credentials, monotonicMs = () => performance.now() } = options
  let bearer = ''
  let access: { token: string; renewAtMs: number } | undefined
  let renewing: Promise<void> | undefined
  let lastHello: Parameters<Link['hello']>[0] | undefined
  const greeting = connectLink({ url, token: async () => bearer })
  const working = connectLink({ url, token: async () => access?.token ?? '' })

  const hello: Link['hello'] = async (told, signal) => {
    lastHello = told
    const answer = await greet((token) => {
      bearer = token
      return greeting.hello(told, signal)
    })
    if (answer.credential !== undefined) await credentials.save(answer.credential)
    // None comes where the token is an access token itself, which whoever renews it puts in the place of this one.
    const { token, lifetimeSeconds } = answer.access ?? { token: bearer, lifetimeSeconds: RENEWED_EACH_SECONDS }
    access = { token, renewAtMs: monotonicMs() + (lifetimeSeconds * 1_000) / 2 }
    return answer
  }

  async function greet(say: (token: string) => Promise<HelloAnswer>): Promise<HelloAnswer> {
    const kept = await credentials.load()
    if (kept === null) return say(await requireJoinToken())
    try {
      return await say(kept)
    } catch (error) {
      // Withdrawn, or this cluster was given back: a new join token mends it, if there is one.
      const token = isRefusal(error) ? await joinToken() : null
      if (token === null) throw error
      return say(token)
    }
  }

  async function requireJoinToken(): Promise<string> {
    const token = await joinToken()
    if (token !== null) return token
    throw new LinkError('This agent has neither a kept credential nor a join token.', {
      code: 'NOT_JOINED',
      fix: 'Have an operator make one with `sluice token --join CLUSTER`, and give it to the agent.',
    })
  }

  /** Several calls that find the token old wait for one hello. */
  function renew(signal: AbortSignal): Promise<void> {
    renewing ??= renewNow(signal).finally(() => {
      renewing = undefined
    })
    return renewing
  }
  async function renewNow(signal: AbortSignal): Promise<void> {
    if (lastHello === undefined) throw new LinkError('say hello first', { code: 'HELLO_FIRST' })
    await hello(lastHello, signal)
  }

  async function admitted<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    if (access === undefined || monotonicMs() >= access.renewAtMs) await renew(signal)
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof LinkError && error.status === 401)) throw error
    }
    await renew(signal)
    return call()
  }

  return {
    hello,
    directives: (subgraph, request, signal) => admitted(signal, () => working.directives(subgraph, request, signal)),
    observe: (subgraph, batch, signal) => admitted(signal, () => working.observe(subgraph, batch, signal)),
    close: async () => void (await Promise.all([greeting.close(), working.close()])),
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof LinkError && (error.status === 401 || error.status === 403)
}
