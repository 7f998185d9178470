import { errors, jwtVerify, SignJWT } from 'jose'
import type { WallClock } from '../clock.ts'
import { TokenError } from './identity.ts'

/** How the roles of one installation know each other, where they run apart. Speaks for no user. */
export interface RoleTokens {
  /** The role's own token, made anew before it runs out. */
  own(): Promise<string>
  /**
   * @returns the name of the role whose token it is
   * @throws TokenError
   */
  verify(token: string | undefined): Promise<string>
}

interface RoleTokensOptions {
  /** The one that signs identities for subgraphs: whoever has it may speak for anybody there anyhow. */
  secret: Uint8Array
  role: string
  wall: WallClock
}

const AUDIENCE = 'role'
const ALGORITHM = 'HS256'
const LIFETIME_SECONDS = 600

export function createRoleTokens({ secret, role, wall }: RoleTokensOptions): RoleTokens {
  let last: { token: Promise<string>; untilMs: number } | undefined

  async function issue(): Promise<string> {
    const nowSeconds = Math.floor(wall.nowMs() / 1_000)
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setAudience(AUDIENCE)
      .setSubject(role)
      .setExpirationTime(nowSeconds + LIFETIME_SECONDS)
      .sign(secret)
  }

  return {
    own() {
      const nowMs = wall.nowMs()
      // At half its life: it must last until the other side has read it, by the other side's clock.
      if (last === undefined || nowMs >= last.untilMs)
        last = { token: issue(), untilMs: nowMs + (LIFETIME_SECONDS / 2) * 1_000 }
      return last.token
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token ?? '', secret, {
          audience: AUDIENCE,
          algorithms: [ALGORITHM],
          currentDate: new Date(wall.nowMs()),
          requiredClaims: ['sub', 'exp'],
        })
        return String(payload.sub)
      } catch (error) {
        throw error instanceof errors.JWTExpired
          ? new TokenError('TOKEN_EXPIRED', 'The token of this role has expired.')
          : new TokenError('TOKEN_INVALID', 'This is no token of a role of this installation.')
      }
    },
  }
}
