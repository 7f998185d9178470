import type { WallClock } from '../../platform/clock.ts'
import { type Claims, type Identity, TokenError, type Tokens } from '../../platform/identity/identity.ts'
import type { IntrospectionPolicy } from '../limits.ts'
import type { Rates } from '../rates/rates.ts'

/** Who calls, as a client token proves it. */
export interface Caller {
  identity: Identity
  /** The same identity, signed for the subgraphs. */
  identityToken: string
  /** May see the schema through the graph, also by what errors suggest. */
  mayIntrospect: boolean
}

export interface Callers {
  /**
   * @param authorization value of the header or connection parameter, `Bearer <token>`
   * @param address of the client, which bounds how often it may bring no good token
   * @throws AuthenticationError, RateLimited
   */
  authenticate(authorization: unknown, address: string | undefined): Promise<Caller>
}

export class AuthenticationError extends Error {
  readonly code: 'UNAUTHENTICATED' | 'TOKEN_EXPIRED' | 'TOKEN_INVALID'

  constructor(code: AuthenticationError['code'], message: string) {
    super(message)
    this.name = 'AuthenticationError'
    this.code = code
  }
}

interface CallersOptions {
  tokens: { client: Tokens; subgraph: Tokens }
  wall: WallClock
  introspection: IntrospectionPolicy
  rates: Pick<Rates, 'anonymous'>
}

/** Signs one identity for each client token, used until the token expires. */
export function createCallers({ tokens, wall, introspection, rates }: CallersOptions): Callers {
  // Verifying a token that is known gives the same object again; what is signed for it goes when it is forgotten.
  const callers = new WeakMap<Identity, Caller>()

  async function sign(identity: Identity): Promise<Caller> {
    const ttlSeconds = Math.floor(identity.expiresAtMs / 1_000) - Math.floor(wall.nowMs() / 1_000)
    const identityToken = await tokens.subgraph.issue(claimsOf(identity), ttlSeconds, identity.issuedAtMs)
    return { identity, identityToken, mayIntrospect: introspection === 'members' || identity.kind === 'operator' }
  }

  async function callerOf(authorization: unknown): Promise<Caller> {
    const identity = await tokens.client.verify(bearerToken(authorization))
    const caller = callers.get(identity) ?? (await sign(identity))
    callers.set(identity, caller)
    return caller
  }

  return {
    async authenticate(authorization, address) {
      try {
        return await callerOf(authorization)
      } catch (error) {
        if (!(error instanceof TokenError || error instanceof AuthenticationError)) throw error
        rates.anonymous(address)
        throw error instanceof TokenError ? new AuthenticationError(error.code, error.message) : error
      }
    },
  }
}

function claimsOf({ issuedAtMs: _issued, expiresAtMs: _expires, ...claims }: Identity): Claims {
  return claims
}

function bearerToken(authorization: unknown): string {
  if (authorization === undefined || authorization === null || authorization === '') {
    throw new AuthenticationError('UNAUTHENTICATED', 'A bearer token is needed: Authorization: Bearer <token>.')
  }
  const token = typeof authorization === 'string' ? /^bearer +(\S+)$/i.exec(authorization)?.[1] : undefined
  if (!token) throw new AuthenticationError('TOKEN_INVALID', 'Authorization has to read: Bearer <token>.')
  return token
}
