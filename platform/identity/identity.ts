import { errors, jwtVerify, SignJWT } from 'jose'
import type { WallClock } from '../clock.ts'

export type Role = 'tenant-admin' | 'developer' | 'viewer'
export const ROLES: readonly Role[] = ['tenant-admin', 'developer', 'viewer']

/** Who asks. Lives as long as its token. */
export type Identity = { subject: string; issuedAtMs: number; expiresAtMs: number } & (
  | { kind: 'operator' }
  | { kind: 'member'; tenantId: string; tenantSlug: string; role: Role }
  | { kind: 'agent'; cluster: string }
)
export type Claims = Identity extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'issuedAtMs' | 'expiresAtMs'>
    : never
  : never

export class TokenError extends Error {
  readonly code: 'TOKEN_EXPIRED' | 'TOKEN_INVALID'
  constructor(code: 'TOKEN_EXPIRED' | 'TOKEN_INVALID', message: string) {
    super(message)
    this.name = 'TokenError'
    this.code = code
  }
}

export interface Tokens {
  /** @param since when the right that it speaks of was given, where that was earlier: in milliseconds */
  issue(claims: Claims, ttlSeconds: number, since?: number): Promise<string>
  /** @throws TokenError */
  verify(token: string): Promise<Identity>
}

interface TokensOptions {
  secret: Uint8Array
  /** Client tokens open the gateway; the gateway signs subgraph tokens, one per operation. Neither opens the other's door. */
  audience: 'client' | 'subgraph'
  wall: WallClock
}

const ISSUER = 'sluice'
const ALGORITHM = 'HS256'

/** Tokens whose signature is not looked at again: each request, and each event of a subscription, brings one. */
const VERIFIED_CAPACITY = 1_000

/** Signed, expiring bearer tokens. First cut of identity: one secret per audience, held by the control plane. */
export function createTokens({ secret, audience, wall }: TokensOptions): Tokens {
  const verified = new Map<string, Identity>()

  async function verifyAnew(token: string): Promise<Identity> {
    try {
      const { payload } = await jwtVerify(token, secret, {
        issuer: ISSUER,
        audience,
        algorithms: [ALGORITHM],
        currentDate: new Date(wall.nowMs()),
        requiredClaims: ['sub', 'iat', 'exp', 'kind'],
      })
      return identityOf(payload)
    } catch (error) {
      throw error instanceof errors.JWTExpired
        ? expired()
        : new TokenError('TOKEN_INVALID', 'The token is not one of ours.')
    }
  }

  return {
    async issue({ subject, ...claims }, ttlSeconds, since) {
      const nowSeconds = Math.floor(wall.nowMs() / 1000)
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(since === undefined ? nowSeconds : Math.floor(since / 1000))
        .setExpirationTime(nowSeconds + ttlSeconds)
        .sign(secret)
    },
    async verify(token) {
      const known = verified.get(token)
      if (known) {
        if (wall.nowMs() < known.expiresAtMs) return known
        verified.delete(token)
        throw expired()
      }
      const identity = await verifyAnew(token)
      if (verified.size >= VERIFIED_CAPACITY) verified.delete(verified.keys().next().value ?? token)
      verified.set(token, identity)
      return identity
    },
  }
}

function expired(): TokenError {
  return new TokenError('TOKEN_EXPIRED', 'The token has expired; get a new one.')
}

function identityOf(payload: Record<string, unknown>): Identity {
  const { sub, iat, exp, kind, tenantId, tenantSlug, role, cluster } = payload
  const base = { subject: String(sub), issuedAtMs: Number(iat) * 1000, expiresAtMs: Number(exp) * 1000 }
  if (kind === 'operator') return { ...base, kind }
  if (kind === 'agent' && typeof cluster === 'string') return { ...base, kind, cluster }
  if (kind === 'member' && typeof tenantId === 'string' && typeof tenantSlug === 'string' && isRole(role)) {
    return { ...base, kind, tenantId, tenantSlug, role }
  }
  throw new TokenError('TOKEN_INVALID', 'The token names no known kind of identity.')
}

export function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value)
}
