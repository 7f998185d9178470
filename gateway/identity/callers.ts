import type { WallClock } from '../../platform/clock.ts'
import { type Claims, type Identity, TokenError, type Tokens } from '../../platform/identity/identity.ts'

/** Who calls, as a client token proves it. */
export interface Caller {
  identity: Identity
  /** The same identity, signed for the subgraphs. */
  identityToken: string
}

export interface Callers {
  /**
   * @param authorization value of the header or connection parameter, `Bearer <token>`
   * @throws AuthenticationError
   */
  authenticate(authorization: unknown): Promise<Caller>
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
  /** Callers remembered at a time; those beyond are verified and signed for anew. */
  capacity?: number
}

/** Verifies each client token once and signs one identity for it, used until the token expires. */
export function createCallers({ tokens, wall, capacity = 1_000 }: CallersOptions): Callers {
  const known = new Map<string, Promise<Caller>>()

  async function admit(token: string): Promise<Caller> {
    const identity = await tokens.client.verify(token)
    const ttlSeconds = Math.floor(identity.expiresAtMs / 1_000) - Math.floor(wall.nowMs() / 1_000)
    return { identity, identityToken: await tokens.subgraph.issue(claimsOf(identity), ttlSeconds) }
  }

  function remember(token: string): Promise<Caller> {
    const caller = admit(token)
    if (known.size >= capacity) known.delete(known.keys().next().value ?? token)
    known.set(token, caller)
    caller.catch(() => known.delete(token))
    return caller
  }

  return {
    async authenticate(authorization) {
      const token = bearerToken(authorization)
      try {
        const caller = await (known.get(token) ?? remember(token))
        if (wall.nowMs() < caller.identity.expiresAtMs) return caller
        known.delete(token)
        throw new AuthenticationError('TOKEN_EXPIRED', 'The token has expired; get a new one.')
      } catch (error) {
        if (error instanceof TokenError) throw new AuthenticationError(error.code, error.message)
        throw error
      }
    },
  }
}

function claimsOf({ expiresAtMs: _, ...claims }: Identity): Claims {
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
